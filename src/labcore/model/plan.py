"""The plan: a resolved, checked, immutable tree of steps, ready to run.

Loops, conditions and background steps are nodes of their own, so that `decide` needs to know six node types and no
modifier: a step with `every` is a `Repeat` around a `Step`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from labcore.model.event import VesselStated
from labcore.model.expression import Expression, Template
from labcore.model.ids import STAND_IN
from labcore.model.lab import LabFile
from labcore.model.pace import Pace
from labcore.model.quantity import Quantity

Scope = Mapping[str, Any]  # values of names that are known before the run


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file, for messages about a step. 1-based."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Deferred:
    """An argument known only when its step starts: an expression, what is known already, and its bounds."""

    expression: Expression | Template
    scope: Scope = field(default_factory=dict)
    low: Quantity | None = None
    high: Quantity | None = None
    subjects: Mapping[str, str] = field(default_factory=dict)

    @property
    def written(self) -> str:
        """Return what the author wrote."""
        text = self.expression.text
        return text if isinstance(self.expression, Template) else "${" + text + "}"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition with the names that are known already; `subjects` maps what observations are of to its declared name."""

    expression: Expression
    scope: Scope = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return what the author wrote."""
        return self.expression.text


@dataclass(frozen=True, slots=True)
class OnError:
    """What to do when a step fails: try again `retries` times, put right what is wrong (`replaces`) once, `then` this.

    `cases` are the kinds of failure (`labcore.model.failure`) with a policy of their own; `case` names the kind that this
    one is for, "" for all others. The steps to take are the node's `instead`, under the names `fallback` and `replacement`.
    """

    then: Literal["stop", "skip", "pause", "ask", "fallback"] = "stop"
    retries: int = 0
    limit: float | None = None
    default: Literal["stop", "skip", "pause"] = "stop"
    replaces: bool = False
    case: str = ""
    cases: tuple[OnError, ...] = ()

    @property
    def fallback(self) -> str:
        """The name of the steps that stand in for the failed one."""
        return f"{self.case}-fallback" if self.case else "fallback"

    @property
    def replacement(self) -> str:
        """The name of the steps that put right what is wrong before the failed one is done again."""
        return f"{self.case}-replace" if self.case else "replace"

    def of(self, kinds: tuple[str, ...]) -> OnError:
        """Return the policy for a failure of these kinds, the gravest first."""
        found = (case for kind in kinds for case in self.cases if case.case == kind)
        return next(found, self)


@dataclass(frozen=True, slots=True)
class Modifiers:
    """What stands beside a verb and is not about repetition. Times in s."""

    save: str | None = None
    background: bool = False
    timeout: float | None = None
    on_error: OnError | None = None
    repeatable: bool = False
    max_age: float | None = None
    require: Condition | None = None
    hold: bool = False
    safe_point: bool = False
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class _Common:
    id: str
    where: Where
    label: str
    modifiers: Modifiers
    instead: Mapping[str, Node] = field(
        default_factory=dict, kw_only=True
    )  # steps that `on_error` takes, by name


@dataclass(frozen=True, slots=True)
class Step(_Common):
    """One verb and its arguments. `args` are validated values, some of them `Deferred`."""

    verb: str
    args: Mapping[str, Any]
    interruptible: bool = False  # may go on while the run is paused, and be cut anywhere
    repeat_allowed: bool = False  # harmless by nature, or the author said `repeatable: true`


@dataclass(frozen=True, slots=True)
class Sequence(_Common):
    """Steps one after another, then `finally_` on every end but abort.

    `samples` says that the steps are independent of each other (`for_each`): one that fails leaves the others alone.
    """

    steps: tuple[Node, ...]
    finally_: tuple[Node, ...] = ()
    samples: bool = False


@dataclass(frozen=True, slots=True)
class Parallel(_Common):
    """Branches side by side; it ends when all have ended."""

    branches: tuple[Node, ...]
    finally_: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeat(_Common):
    """A body again and again. `every` and `lasts_for` in s."""

    body: Node
    times: int | None = None
    every: float | None = None
    lasts_for: float | None = None
    until: Condition | None = None


@dataclass(frozen=True, slots=True)
class Choice(_Common):
    """A condition, tested once, and two ways to go on."""

    condition: Condition
    then: Node
    otherwise: Node | None = None
    use: Literal["when", "require"] = "when"


Node = Step | Sequence | Parallel | Repeat | Choice


@dataclass(frozen=True, slots=True)
class Machine:
    """What the plan knows about one device of the lab: its driver's word and abilities; `name` is never an alias."""

    name: str
    driver: str
    capabilities: tuple[str, ...]
    outputs: tuple[str, ...] = ()
    watchdog: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    person: bool = False
    paces: Mapping[str, Pace] = field(default_factory=dict)
    acts: bool = True  # it can move, heat or pump


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be run.

    `digest` covers protocol, lab and parameters (versions stand in the header); `devices` maps the
    protocol's device names to the lab's, `aliases` every name to the machine that answers to it; `bench` is what the lab
    file says stands where.
    """

    name: str
    description: str
    root: Sequence
    lab: LabFile
    parameters: Mapping[str, str]
    materials: Mapping[str, Mapping[str, Any]]
    vessels: Mapping[str, str]
    devices: Mapping[str, str]
    observers: tuple[str, ...]
    leave_on: tuple[str, ...]
    digest: str
    machines: Mapping[str, Machine] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    bench: tuple[VesselStated, ...] = ()


def node_at(root: Sequence, key: str) -> Node | None:
    """Return the node of a running step's key, None if the plan has none."""
    node: Node | None = root
    for segment in _segments(key):
        node = _under(node, segment) if node is not None else None
    return node


def _segments(key: str) -> Iterator[str]:
    parts = iter(key.replace("#", ".#").split(".")) if key else iter(())
    for part in parts:
        yield f"{part}.{next(parts)}" if part == "finally" else part


def _under(node: Node, segment: str) -> Node | None:
    segment, _, name = segment.partition(STAND_IN)
    found = _inside(node, segment)
    return found.instead.get(name) if name and found is not None else found


def _inside(node: Node, segment: str) -> Node | None:
    match node:
        case Repeat():
            return node.body
        case Choice():
            return node.then if segment == "then" else node.otherwise
        case Sequence() | Parallel() if segment.startswith("finally."):
            return node.finally_[int(segment[8:]) - 1]
        case Sequence():
            return node.steps[int(segment) - 1] if segment.isdigit() else None
        case Parallel():
            return node.branches[int(segment) - 1] if segment.isdigit() else None
    return None


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything under it, in the order of the text."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly under `node`; those of `instead` once, at the innermost of nodes that share them."""
    below = _below(node)
    return below if any(one.instead is node.instead for one in below) else (*below, *node.instead.values())


def wraps(node: Node) -> bool:
    """Say whether a node only stands around another one of the same step: a loop, a condition, a clean-up."""
    return any(one.id == node.id for one in _below(node))


def _below(node: Node) -> tuple[Node, ...]:
    match node:
        case Sequence():
            return (*node.steps, *node.finally_)
        case Parallel():
            return (*node.branches, *node.finally_)
        case Repeat():
            return (node.body,)
        case Choice():
            return (node.then, node.otherwise) if node.otherwise else (node.then,)
        case Step():
            return ()
