"""The events of a YAML text, from libyaml where PyYAML was built with it, else from PyYAML's own parser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner


class PurePythonParser(Reader, Scanner, Parser):
    """PyYAML's parser without composer, constructor and resolver: libyaml's events, but slower."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


ParserType = Callable[[str], Any]


def best_parser() -> ParserType:
    """Return libyaml's parser, or the pure Python one if it is not installed."""
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]  # left out of the stubs
    except ImportError:
        return PurePythonParser
    return CParser


def parser_events(text: str, parser: ParserType | None = None) -> Iterator[Any]:
    """Yield the events of `text` (`yaml.events`, every mark set); yaml.YAMLError where it is no YAML."""
    reader = (parser or best_parser())(text)
    get_event = reader.get_event
    while (event := get_event()) is not None:
        yield event
