"""The report `notebook`: write a run's page into a folder."""

from __future__ import annotations

from pathlib import Path

from labcore.ports import RunReader
from labcore_notebook.render import build, to_html, to_markdown
from labcore_notebook.words import LANGUAGES

PAGE = "notebook"


def files(reader: RunReader, language: str) -> dict[str, bytes]:
    """Return every file of the report by name; the page comes first."""
    notebook, stem = build(reader, language), _stem(reader, language)
    markdown = to_markdown(notebook, reader.blob, prefix=stem)
    html = to_html(notebook, reader.blob)
    return {f"{stem}.html": html.encode(), f"{stem}.md": markdown.text.encode(), **markdown.files}


def page(reader: RunReader, language: str) -> dict[str, bytes]:
    """Return the page alone, for a run that goes on."""
    html = to_html(build(reader, language), reader.blob)
    return {f"{_stem(reader, language)}.html": html.encode()}


def notebook(reader: RunReader, folder: Path, *, language: str = "en") -> Path:
    """Write the page and its Markdown into `folder` and return the path of the page.

    The run's own language is `notebook.html`; another one stands beside it, as `notebook.ja.html`. UsageError for a
    language that the page is not written in.
    """
    written = files(reader, language)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in written.items():
        (folder / name).write_bytes(data)
    return folder / next(iter(written))


def own_language(reader: RunReader) -> str:
    """Return the language the run's user chose, English if none or unknown."""
    chosen = str(reader.header.get("language", "en"))
    return chosen if chosen in LANGUAGES else "en"


def _stem(reader: RunReader, language: str) -> str:
    return PAGE if language == own_language(reader) else f"{PAGE}.{language}"
