"""labcore notebook: a run's notebook, written anew from its journal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labcore.cli.arguments import DATA, Data, Run


def notebook(
    run: Run, data: Data = DATA,
    language: Annotated[str | None, typer.Option("--language", help="en or ja (default: the run's own).")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write to (default: the run's report folder).")] = None,
    report: Annotated[str, typer.Option("--report", help="Which report plugin writes it.")] = "notebook",
) -> None:  # fmt: skip
    """Write the notebook of a run and print where it is.

    Another language than the run's own is written beside its page.
    """
    from labcore.adapters.entry_points import EntryPointCatalog
    from labcore.app import open_run
    from labcore.errors import UsageError
    from labcore.records.run_folder import REPORT

    if language is not None:
        check_language(language)
    found = open_run(run, data=data)
    folder = out or found.folder / REPORT
    folder.mkdir(parents=True, exist_ok=True)
    try:
        write = EntryPointCatalog().load("reports", report)
    except KeyError:
        raise UsageError(
            f"there is no report {report!r}", remedy="`labcore plugins` lists what is installed."
        ) from None
    typer.echo(write(found.record, folder, language=language or str(found.header.get("language") or "en")))


def check_language(language: str) -> None:
    """UsageError unless notebooks are written in this language."""
    from labcore.errors import UsageError

    if language not in ("en", "ja"):
        raise UsageError(f"there is no language {language!r}", remedy="Choose en or ja.")
