"""The tree of an expression: frozen nodes, what they need from outside, and the errors they can end in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import Protocol

from labcore.model.quantity import Quantity

Value = Quantity | float | bool | str


class ExpressionError(ValueError):
    """A text is no expression, or cannot mean anything. `column` is 1-based within the text given."""

    def __init__(self, message: str, column: int = 1, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class EvaluationError(ExpressionError):
    """An expression has no value: something is unknown, of the wrong kind, or divided by zero."""


class NotYet(Exception):  # noqa: N818 (it is no error: the value will come)
    """A scope raises it when an observation is still to come; the text says what is waited for."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What a scope answers to `turbidity(reactor)`: the stated value and its 90 % interval, in its unit."""

    value: Quantity | float
    low: float
    high: float


class Scope(Protocol):
    """Where names and observations come from."""

    def lookup(self, name: str, attribute: str | None = None) -> Value:
        """Return a parameter, result or property; EvaluationError if there is none."""
        ...

    def observe(self, observable: str, subject: str, attribute: str | None = None) -> Observed:
        """Return the newest usable observation; NotYet if it is still to come."""
        ...


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a quantity, a text, true or false."""

    value: Value
    column: int


@dataclass(frozen=True, slots=True)
class Name:
    """A look-up: `speed`, `diamine_solution.concentration`."""

    name: str
    attribute: str | None
    column: int

    @property
    def key(self) -> str:
        """Return the look-up as one word."""
        return f"{self.name}.{self.attribute}" if self.attribute else self.name


@dataclass(frozen=True, slots=True)
class Call:
    """An observable: `turbidity(reactor)`, `placement(reactor).offset`."""

    observable: str
    subject: str
    attribute: str | None
    column: int

    @property
    def key(self) -> str:
        """Return the observable as it is written."""
        tail = f".{self.attribute}" if self.attribute else ""
        return f"{self.observable}({self.subject}){tail}"


@dataclass(frozen=True, slots=True)
class Negative:
    """Unary minus."""

    operand: Node
    column: int


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    operand: Node
    column: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Sums and differences, or products and quotients, from left to right. Flat, so that depth is small."""

    first: Node
    rest: tuple[tuple[str, Node], ...]
    column: int


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values side by side."""

    operator: str
    left: Node
    right: Node
    column: int


@dataclass(frozen=True, slots=True)
class Logic:
    """Conditions joined by `and` or by `or`."""

    operator: OneOf["and", "or"]
    operands: tuple[Node, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Function:
    """One of the few functions: min, max, abs, round, ceil, floor."""

    name: str
    arguments: tuple[Node, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Surely:
    """A condition that must hold over the whole 90 % interval of everything observed in it."""

    condition: Node
    column: int


Node = Literal | Name | Call | Negative | Not | Chain | Compare | Logic | Function | Surely


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly under `node`, in the order of the text."""
    match node:
        case Negative(operand) | Not(operand) | Surely(operand):
            return (operand,)
        case Chain(first, rest):
            return (first, *(operand for _, operand in rest))
        case Compare(_, left, right):
            return (left, right)
        case Logic(_, several) | Function(_, several):
            return several
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: its text and its tree. `start` is where it begins in the scalar it came from."""

    text: str
    root: Node
    start: int = field(default=0, compare=False)

    def walk(self) -> Iterator[Node]:
        """Yield every node, parents first."""
        waiting: list[Node] = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(children(node)))

    def names(self) -> frozenset[str]:
        """Return every look-up, dotted ones as they are written: `{"monomer", "acetone.density"}`."""
        return frozenset(node.key for node in self.walk() if isinstance(node, Name))

    def calls(self) -> tuple[Call, ...]:
        """Return every observable it asks for, in the order of the text."""
        return tuple(node for node in self.walk() if isinstance(node, Call))

    def __str__(self) -> str:
        return self.text
