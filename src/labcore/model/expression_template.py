"""Texts with expressions in them: `Add ${clear} more`. `$${` writes a plain `${`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from labcore.model.expression_arithmetic import shown
from labcore.model.expression_evaluate import evaluate
from labcore.model.expression_parse import parse_expression
from labcore.model.expression_tree import Call, Expression, ExpressionError, Scope

_MOST_PARTS = 100


@dataclass(frozen=True, slots=True)
class Template:
    """A text with expressions inside: its plain pieces and its expressions, in order."""

    text: str
    parts: tuple[str | Expression, ...]

    def expressions(self) -> tuple[Expression, ...]:
        """Return the expressions in the order of the text."""
        return tuple(part for part in self.parts if isinstance(part, Expression))

    def names(self) -> frozenset[str]:
        """Return every look-up in it."""
        return frozenset[str]().union(*(expression.names() for expression in self.expressions()))

    def calls(self) -> tuple[Call, ...]:
        """Return every observable it asks for."""
        return tuple(call for expression in self.expressions() for call in expression.calls())

    def render(self, scope: Scope) -> str:
        """Return the text with every expression's value in its place; errors as `evaluate`."""
        return "".join(part if isinstance(part, str) else _written(part, scope) for part in self.parts)

    def __str__(self) -> str:
        return self.text


def _written(expression: Expression, scope: Scope) -> str:
    value = evaluate(expression, scope)
    return value if isinstance(value, str) else shown(value)


def parse_template(text: str) -> str | Expression | Template:
    """Return plain text as it is, `${...}` alone as an Expression, and a mixture as a Template.

    ExpressionError, with the column in `text`, if an expression in it cannot be read.
    """
    if "${" not in text:
        return text
    parts = _parts(text)
    if all(isinstance(part, str) for part in parts):
        return "".join(map(str, parts))
    filled = [part for part in parts if not (isinstance(part, str) and not part.strip())]
    if len(filled) == 1 and isinstance(filled[0], Expression):
        return filled[0]
    return Template(text, tuple(parts))


def _parts(text: str) -> list[str | Expression]:
    parts: list[str | Expression] = []
    at = 0
    while (start := text.find("${", at)) >= 0:
        if start > at and text[start - 1] == "$":
            parts.append(text[at : start - 1] + "${")
            at = start + 2
            continue
        if start > at:
            parts.append(text[at:start])
        end = _closing(text, start + 2)
        parts.append(_inner(text[start + 2 : end], start + 2))
        at = end + 1
        if len(parts) > _MOST_PARTS:
            raise ExpressionError(f"A text holds at most {_MOST_PARTS} pieces.", start + 1, "Split it.")
    if at < len(text):
        parts.append(text[at:])
    return parts


def _inner(text: str, offset: int) -> Expression:
    blanks = len(text) - len(text.lstrip())
    try:
        return replace(parse_expression(text.strip()), start=offset + blanks)
    except ExpressionError as error:
        raise ExpressionError(error.message, error.column + offset + blanks, error.remedy) from None


def _closing(text: str, start: int) -> int:
    """Return where the brace that ends an expression stands, quoted texts left aside."""
    quote = ""
    for index in range(start, len(text)):
        character = text[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "}":
            return index
    raise ExpressionError("'${' is not closed.", start - 1, "Add '}' at the end of the expression.")
