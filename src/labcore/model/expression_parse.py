"""Turn the text of an expression into its tree: precedence climbing, bounded depth.

From loose to tight: or, and, not, comparisons (one at a time), + and -, * and /, unary minus.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal as OneOf

from labcore.model.expression_tokens import Token, tokens
from labcore.model.expression_tree import (
    Call,
    Chain,
    Compare,
    Expression,
    ExpressionError,
    Function,
    Literal,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Surely,
)
from labcore.model.names import RESERVED, normal_name
from labcore.model.quantity import Quantity, format_number

DEEPEST = 50
FUNCTIONS = {"min": (2, 20), "max": (2, 20), "abs": (1, 1), "round": (1, 2), "ceil": (1, 2), "floor": (1, 2)}

_STRENGTH = {"or": 1, "and": 2} | dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 4)
_STRENGTH |= {"+": 5, "-": 5, "*": 6, "/": 6}
_NOT, _COMPARISON, _SIGN = 3, 4, 7


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expression:
    """Read an expression such as `monomer / acetone.density`; ExpressionError says what is wrong where."""
    found = tokens(text)
    if len(found) == 1:
        raise ExpressionError("The expression is empty.", 1, "Write a value, like ${speed}.")
    return Expression(text.strip(), _Reader(found).whole())


class _Reader:
    """Reads one list of tokens from left to right."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._expression(0)
        if self._here.kind != "end":
            raise self._unexpected("an operator", self._decimal_comma())
        return node

    def _decimal_comma(self) -> str:
        """Return the remedy for "1,5 mL"; the empty text if that is not what stands here."""
        before, here, after = self._tokens[self._at - 1 : self._at + 2]
        commas = (before.kind, here.value, after.kind) == ("number", ",", "number")
        return "Use a decimal point." if commas else ""

    @property
    def _here(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _is(self, *signs: str) -> bool:
        return self._here.kind in ("operator", "word") and self._here.value in signs

    def _expect(self, sign: str) -> None:
        if not (self._here.kind == "operator" and self._here.value == sign):
            raise self._unexpected(repr(sign))
        self._at += 1

    def _unexpected(self, wanted: str, remedy: str = "") -> ExpressionError:
        token = self._here
        found = "the end" if token.kind == "end" else f"'{_written(token.value)}'"
        return ExpressionError(f"Expected {wanted}, found {found}.", token.column, remedy)

    def _expression(self, weakest: int) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError(f"This is nested more than {DEEPEST} deep.", self._here.column, "Split it.")
        left = self._prefix()
        while (strength := self._strength()) > weakest:
            sign = self._take()
            left = _joined(left, str(sign.value), self._expression(strength), sign.column)
            if strength == _COMPARISON and self._strength() == _COMPARISON:
                raise ExpressionError(
                    "Two comparisons in a row.", self._here.column, "Join them: 1 mL < x and x < 5 mL."
                )
        self._depth -= 1
        return left

    def _strength(self) -> int:
        token = self._here
        return _STRENGTH.get(str(token.value), 0) if token.kind in ("operator", "word") else 0

    def _prefix(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return Literal(token.value, token.column)
        if token.kind == "text":
            return Literal(token.value, token.column)
        if token.kind == "operator" and token.value == "-":
            return self._minus(token)
        if token.kind == "operator" and token.value == "(":
            node = self._expression(0)
            self._expect(")")
            return node
        if token.kind == "word":
            return self._word(token)
        self._at -= 1
        raise self._unexpected("a value")

    def _minus(self, sign: Token) -> Node:
        value = self._here.value
        if self._here.kind == "number" and not isinstance(value, str):
            self._at += 1
            unit = value.unit if isinstance(value, Quantity) else ""
            number = value.value if isinstance(value, Quantity) else value
            return Literal(Quantity(-number, unit) if unit else -number, sign.column)
        return Negative(self._expression(_SIGN), sign.column)

    def _word(self, token: Token) -> Node:
        word = normal_name(str(token.value))
        if word == "not":
            return Not(self._expression(_NOT), token.column)
        if word in ("true", "false"):
            return Literal(word == "true", token.column)
        if word in RESERVED:
            raise ExpressionError(f"{word!r} needs a condition on its left.", token.column)
        if self._is("("):
            self._at += 1
            return self._call(word, token.column)
        return Name(word, self._attribute(), token.column)

    def _attribute(self) -> str | None:
        if not self._is("."):
            return None
        self._at += 1
        if self._here.kind != "word":
            raise self._unexpected("a property after '.'")
        attribute = normal_name(str(self._take().value))
        if self._is("."):
            remedy = "Look up one property, like acetone.density."
            raise ExpressionError("Only one '.' is allowed.", self._here.column, remedy)
        return attribute

    def _call(self, word: str, column: int) -> Node:
        if word == "surely":
            condition = self._expression(0)
            self._expect(")")
            return Surely(condition, column)
        if word in FUNCTIONS:
            return self._function(word, column)
        subject = self._subject(word)
        self._expect(")")
        return Call(word, subject, self._attribute(), column)

    def _subject(self, word: str) -> str:
        if self._here.kind not in ("word", "text") or self._here.value in RESERVED:
            raise self._unexpected(f"the vessel or device that {word} is about")
        return normal_name(str(self._take().value))

    def _function(self, word: str, column: int) -> Function:
        arguments = [self._expression(0)]
        while self._is(","):
            self._at += 1
            arguments.append(self._expression(0))
        self._expect(")")
        least, most = FUNCTIONS[word]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise ExpressionError(f"{word} takes {wanted} values, not {len(arguments)}.", column)
        return Function(word, tuple(arguments), column)


def _written(value: Quantity | float | str) -> str:
    return format_number(value) if isinstance(value, float) else str(value)


def _joined(left: Node, sign: str, right: Node, column: int) -> Node:
    if sign in ("and", "or"):
        return _logic("and" if sign == "and" else "or", left, right, column)
    if _STRENGTH[sign] == _COMPARISON:
        return Compare(sign, left, right, column)
    if isinstance(left, Chain) and _STRENGTH[left.rest[0][0]] == _STRENGTH[sign]:
        return Chain(left.first, (*left.rest, (sign, right)), left.column)
    return Chain(left, ((sign, right),), column)


def _logic(sign: OneOf["and", "or"], left: Node, right: Node, column: int) -> Logic:
    if isinstance(left, Logic) and left.operator == sign:
        return Logic(sign, (*left.operands, right), left.column)
    return Logic(sign, (left, right), column)
