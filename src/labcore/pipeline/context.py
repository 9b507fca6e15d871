"""What resolving a step needs to know: names, verbs, observables, and where to note problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from labcore.errors import PluginError
from labcore.model.observation import Observable
from labcore.pipeline.draft import Draft, DraftStep, Findings, hint
from labcore.pipeline.form import Form
from labcore.pipeline.known import Known
from labcore.pipeline.nodes import Node
from labcore.pipeline.problem import Place
from labcore.pipeline.scope import StaticScope
from labcore.pipeline.words import BLOCKS
from labcore.plugin.catalog import Catalog
from labcore.plugin.step import Verb


@dataclass(slots=True)
class Shared:
    """What resolving collects for the checks that follow, over all files.

    `drafts` and `ready` hold each step's text and validated arguments by the id of its plan node; steps in `skipped` have
    a wrong name and are not followed. `used` are look-ups of expressions, `named` (kind, normal name) pairs, `cleared` names
    as written that are known to be right. `texts` are the files that were called.
    """

    drafts: dict[str, DraftStep] = field(default_factory=dict)
    ready: dict[str, BaseModel] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    named: set[tuple[str, str]] = field(default_factory=set)
    cleared: set[tuple[str, str]] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    materials: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """Shared by all steps of a file; `inside` makes one for a block with more names.

    `read` returns the text of another protocol file by the name an author wrote, or raises OSError or ValueError; `admit`
    checks the head of such a file against the lab.
    """

    catalog: Catalog
    findings: Findings
    scope: StaticScope
    known: Known
    observables: Mapping[str, Observable]
    read: Callable[[str], str]
    admit: Callable[[Draft], None]
    shared: Shared = field(default_factory=Shared)
    calls: tuple[str, ...] = ()
    node: Node | None = None

    def inside(self, names: Mapping[str, Any]) -> Context:
        """Return a context with more names."""
        return replace(self, scope=self.scope.with_names(names))

    def form(self, word: str, place: Place) -> Form | None:
        """Return the verb for a word with its form; None after noting that there is none."""
        form = self.shared.forms.get(word)
        if form is None:
            verb = self._load(word, place)
            if verb is None:
                return None
            form = self.shared.forms[word] = Form.of(verb)
        return form

    def words(self) -> tuple[str, ...]:
        """Return every word that may begin a step."""
        return (*self.catalog.names("verbs"), *BLOCKS)

    def _load(self, word: str, place: Place) -> Verb | None:
        try:
            return self.catalog.load("verbs", word)()  # type: ignore[no-any-return]
        except KeyError:
            self.findings.add("E213", place, f"there is no verb {word!r}", self._instead(word))
        except PluginError as error:
            self.findings.add("E901", place, error.message, error.remedy)
        except Exception as error:  # a verb is a plugin: it may fail when it is made
            message = f"verb {word!r} cannot be used: {type(error).__name__}: {error}"
            self.findings.add("E901", place, message, "Report it to whoever wrote the verb.")
        return None

    def _instead(self, word: str) -> str:
        known = self.words()
        first, _, rest = word.partition(" ")
        if first in known and rest:
            return f"Write {first}: {rest}"
        return hint(word, known, f"Verbs: {', '.join(sorted(known))}.")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value is being read: its step's verb, and the argument or modifier it belongs to."""

    context: Context
    step: str
    key: str = ""

    def note(self, code: str, place: Place | None, message: str, remedy: str = "") -> None:
        """Note a problem of this value."""
        lead = f"{self.key}: " if self.key else ""
        self.context.findings.add(code, place, lead + message, remedy, step=self.step)

    def at(self, key: str) -> Slot:
        """Return the slot of something inside."""
        return Slot(self.context, self.step, f"{self.key}.{key}" if self.key else key)
