"""What resolving a step needs to know: names, verbs, observables, and where to note problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from labcore.errors import PluginError
from labcore.model.expression import Call, Expression
from labcore.model.names import nearest, normal_name
from labcore.model.observation import Observable
from labcore.pipeline.draft import Findings, Place
from labcore.pipeline.scope import StaticScope
from labcore.plugin.catalog import Catalog
from labcore.plugin.step import Verb


@dataclass(frozen=True, slots=True)
class Context:
    """Shared by all steps of a protocol; `inside` makes one for a block with more names.

    `subjects` maps every vessel and device (by normal name) to its declared spelling. `read` returns the text of
    another protocol file by the name an author wrote, or raises FileNotFoundError.
    """

    catalog: Catalog
    findings: Findings
    scope: StaticScope
    subjects: Mapping[str, str]
    observables: Mapping[str, Observable]
    read: Callable[[str], str]
    verbs: dict[str, Verb] = field(default_factory=dict)
    calls: tuple[str, ...] = ()

    def inside(self, names: Mapping[str, Any]) -> Context:
        """Return a context with more names."""
        return replace(self, scope=self.scope.with_names(names))

    def verb(self, word: str, place: Place) -> Verb | None:
        """Return the verb for a word; None after noting that there is none."""
        if word not in self.verbs:
            found = self._load(word, place)
            if found is None:
                return None
            self.verbs[word] = found
        return self.verbs[word]

    def _load(self, word: str, place: Place) -> Verb | None:
        try:
            return self.catalog.load("verbs", word)()  # type: ignore[no-any-return]
        except KeyError:
            known = [*self.catalog.names("verbs"), "repeat", "sequence", "parallel", "for_each", "call"]
            hint = nearest(word, known)
            remedy = f"Did you mean {hint!r}?" if hint else f"Verbs: {', '.join(sorted(known))}."
            self.findings.add("E213", place, f"there is no verb {word!r}", remedy)
        except PluginError as error:
            self.findings.add("E901", place, error.message, error.remedy)
        return None

    def check_expression(self, expression: Expression, place: Place | None, what: str) -> bool:
        """Note names that nothing declares and observables that nobody offers; say whether all are known."""
        good = True
        for name in sorted(expression.names()):
            if name not in self.scope.values and name not in self.scope.later:
                known = [*self.scope.values, *self.scope.later]
                hint = nearest(name, known)
                remedy = f"Did you mean {hint!r}?" if hint else "Declare it as a parameter, or `save` it in an earlier step."
                self.findings.add("E207", place, f"{what}: there is nothing called {name!r}", remedy)
                good = False
        for call in expression.calls():
            good = self._check_call(call, place, what) and good
        return good

    def _check_call(self, call: Call, place: Place | None, what: str) -> bool:
        name = observable_name(call)
        if name not in self.observables:
            hint = nearest(name, self.observables)
            remedy = f"Did you mean {hint!r}?" if hint else f"Observables: {', '.join(sorted(self.observables)) or 'none'}."
            self.findings.add("E208", place, f"{what}: nobody observes {name!r}", remedy)
            return False
        if normal_name(call.subject) not in self.subjects:
            hint = nearest(call.subject, self.subjects.values())
            remedy = f"Did you mean {hint!r}?" if hint else "Name a vessel of the protocol or a device."
            self.findings.add("E204", place, f"{what}: {name}({call.subject}): there is no {call.subject!r}", remedy)
            return False
        return True


def observable_name(call: Call) -> str:
    """Return the observable a call asks for, with its attribute: "placement.offset"."""
    return f"{call.observable}.{call.attribute}" if call.attribute else call.observable
