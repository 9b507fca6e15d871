"""What a verb's arguments look like: read once from its model, then used for every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labcore.model.fields import Dimension, NameOf
from labcore.plugin.step import Verb


@dataclass(frozen=True, slots=True)
class Field:
    """One argument: a quantity of a dimension, the name of something of a kind, a yes or no, a text, or anything."""

    key: str
    name: str
    dimension: Dimension | None = None
    names: str = ""
    flag: bool = False
    text: bool = False


ANYTHING = Field("", "")


@dataclass(frozen=True, slots=True)
class Form:
    """A verb and the form of its arguments, by the key an author writes."""

    verb: Verb
    fields: Mapping[str, Field]

    @classmethod
    def of(cls, verb: Verb) -> Form:
        """Read a verb's model."""
        fields = {}
        for name, info in verb.Args.model_fields.items():
            marks = [*info.metadata, *_marks(info.annotation)]
            dimension = next((mark for mark in marks if isinstance(mark, Dimension)), None)
            names = next((mark.kind for mark in marks if isinstance(mark, NameOf)), "")
            key = info.alias or name
            text = _allows(info.annotation, str)
            fields[key] = Field(key, name, dimension, names, info.annotation is bool, text)
        return cls(verb, fields)

    @property
    def keys(self) -> str:
        """Return the keys as a text."""
        return ", ".join(self.fields)


def _allows(annotation: Any, kind: type) -> bool:
    """Say whether a value of a type may be given, perhaps as a member of a union."""
    return annotation is kind or any(_allows(one, kind) for one in getattr(annotation, "__args__", ()))


def _marks(annotation: Any) -> list[Any]:
    """Return what annotates a type or a member of a union: `Volume | None`."""
    found = list(getattr(annotation, "__metadata__", ()))
    for argument in getattr(annotation, "__args__", ()):
        found += _marks(argument)
    return found
