"""labcore events: a run's journal, one event a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from labcore.cli.arguments import DATA, Data, Json, Run
from labcore.cli.streams import is_heard


def events(
    run: Run, data: Data = DATA, json_: Json = False,
    after: Annotated[int, typer.Option("--after", help="Only events after this position.")] = -1,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only events of this kind. May be repeated.")] = None,
) -> None:  # fmt: skip
    """Print the events of a run; of a damaged one those that can be read, and then what is wrong."""
    from labcore.app import open_run
    from labcore.app.evidence import refuse_damaged
    from labcore.cli.event_text import event_text
    from labcore.model.event_json import as_line

    _refuse_unknown(kind or ())
    found = open_run(run, data=data, damaged=True)
    for event in found.record.readable(after):
        if kind and event.kind not in kind:
            continue
        if not is_heard():  # `| head` has what it wanted
            return
        typer.echo(as_line(event) if json_ else event_text(event))
    refuse_damaged(found.folder)


def _refuse_unknown(kinds: Iterable[str]) -> None:
    """UsageError for a kind that no event has: an empty answer would look like a fact."""
    from labcore.errors import UsageError
    from labcore.model.event_json import EVENT_KINDS
    from labcore.model.names import nearest

    for kind in kinds:
        if kind not in EVENT_KINDS:
            close = nearest(kind, EVENT_KINDS)
            raise UsageError(
                f"there is no kind of event {kind!r}",
                remedy=(f"Did you mean {close}? " if close else "") + f"Kinds: {', '.join(EVENT_KINDS)}.",
            )
