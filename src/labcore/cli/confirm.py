"""Ask for a yes; no terminal to ask in is no yes."""

from __future__ import annotations

import typer


def confirmed(question: str) -> bool:
    """Ask and say whether the answer was yes; Ctrl-C is Ctrl-C."""
    try:
        return typer.confirm(question)
    except typer.Abort as end:
        if isinstance(end.__context__, KeyboardInterrupt):
            raise
        return False
