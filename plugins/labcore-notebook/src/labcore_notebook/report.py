"""The report `notebook`: write a run's page into a folder."""

from __future__ import annotations

from pathlib import Path

from labcore.ports import RunReader
from labcore_notebook.render import build, to_html, to_markdown

HTML, MARKDOWN = "notebook.html", "notebook.md"


def files(reader: RunReader, language: str) -> dict[str, bytes]:
    """Return every file of the report by name; the page comes first."""
    notebook = build(reader, language)
    markdown = to_markdown(notebook, reader.blob)
    html = to_html(notebook, reader.blob)
    return {HTML: html.encode(), MARKDOWN: markdown.text.encode(), **markdown.files}


def page(reader: RunReader, language: str) -> dict[str, bytes]:
    """Return the page alone, for a run that goes on."""
    return {HTML: to_html(build(reader, language), reader.blob).encode()}


def notebook(reader: RunReader, folder: Path, *, language: str = "en") -> Path:
    """Write the page and its Markdown into `folder` and return the path of the page.

    UsageError for a language that the page is not written in.
    """
    written = files(reader, language)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in written.items():
        (folder / name).write_bytes(data)
    return folder / HTML
