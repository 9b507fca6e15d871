"""The page as Markdown, with drawings and pictures as files beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from labcore_notebook import images
from labcore_notebook.charts import curve, timeline
from labcore_notebook.citations import plain_text
from labcore_notebook.notebook import (
    Block,
    Curve,
    Facts,
    Notebook,
    Pictures,
    Prose,
    Row,
    Section,
    Shot,
    Statement,
    Table,
    Timeline,
)
from labcore_notebook.words import Words

Blob = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Markdown:
    """The text and the files it refers to by bare name."""

    text: str
    files: Mapping[str, bytes]


def to_markdown(notebook: Notebook, blob: Blob | None = None, *, prefix: str = "notebook") -> Markdown:
    """Return the page as Markdown; names of its files begin with `prefix`."""
    writer = _Writer(notebook, blob, prefix)
    text = "\n\n".join(
        [
            *writer.head(),
            *(part for one in notebook.sections for part in writer.section(one)),
            writer.foot(),
            writer.events(),
        ]
    )
    return Markdown(text + "\n", writer.files)


class _Writer:
    def __init__(self, notebook: Notebook, blob: Blob | None, prefix: str) -> None:
        self.notebook = notebook
        self.words = Words(notebook.language)
        self.blob = blob
        self.prefix = prefix
        self.files: dict[str, bytes] = {}
        self.number = 0

    def head(self) -> list[str]:
        """Return title, banner and figures."""
        page, words = self.notebook, self.words
        meta = " · ".join(
            _safe(part)
            for part in (words("page.run", run=page.run) if page.run else "", page.started)
            if part
        )
        world = f"**{page.banner.world_title}** {_safe(page.banner.world_text)}"
        figures = [
            f"- {_safe(one.label)}: {_safe(f'{one.value} {one.detail}'.strip())} {plain_text(one.cites)}"
            for one in page.glance
        ]
        banner = f"{_safe(page.banner.outcome_text)} {plain_text(page.banner.cites)}"
        return [f"# {_safe(page.title)}", meta, f"> {world}", f"**{banner}**", "\n".join(figures)]

    def section(self, section: Section) -> list[str]:
        """Return a section with its heading."""
        self.number += 1
        parts = [f"## {self.number}. {_safe(section.title)}"]
        return parts + [part for block in section.blocks for part in self._block(block) if part]

    def foot(self) -> str:
        """Return what the page says of itself."""
        return f"{_safe(self.words('page.footer'))} {_safe(self.notebook.check)}"

    def events(self) -> str:
        """Return the event list."""
        lines = [
            f"e{one.position}  {one.time}  {one.kind}  {one.source}  {one.where}  {one.text}".rstrip()
            for one in self.notebook.events
        ]
        body = "\n".join(lines).replace("```", "'''")
        return f"## {_safe(self.words('page.events'))}\n\n```text\n{body}\n```"

    def _block(self, block: Block) -> list[str]:
        match block:
            case Prose():
                return ["\n".join(f"- {_sentence(one)}" for one in block.statements)]
            case Facts():
                lines = [
                    f"- {_safe(one.label)}: {_safe(one.value)} {plain_text(one.cites)}" for one in block.facts
                ]
                return [_heading(block.title), "\n".join(lines)]
            case Table():
                rows = block.all_rows or block.rows
                return [
                    _heading(block.title),
                    self._table(block, rows),
                    "" if block.all_rows else _safe(block.note),
                ]
            case Timeline():
                return [
                    self._drawing("timeline", block.title, timeline.draw(block)),
                    _sentence(block.caption),
                ]
            case Curve():
                return self._curve(block)
            case Pictures():
                return self._pictures(block)

    def _table(self, block: Table, rows: Sequence[Row]) -> str:
        titles = [
            *(_cell(one.title) for one in block.columns),
            _cell(block.sources or self.words("page.sources")),
        ]
        marks = [*("---:" if one.align == "right" else "---" for one in block.columns), "---"]
        lines = [_line(titles), _line(marks)]
        return "\n".join(
            [*lines, *(_line([*(_cell(one) for one in row.cells), plain_text(row.cites)]) for row in rows)]
        )

    def _curve(self, block: Curve) -> list[str]:
        name = f"curve-{sum(1 for one in self.files if '-curve-' in one) + 1}"
        marks = [
            f"{number}. {_safe(one.text)} {plain_text(one.cites)}"
            for number, one in enumerate(block.marks, 1)
        ]
        said = [f"- {_sentence(one)}" for one in block.statements]
        return [
            _heading(block.title),
            self._drawing(name, block.title, curve.draw(block)),
            "\n".join(marks),
            "\n".join(said),
        ]

    def _drawing(self, name: str, label: str, svg: str) -> str:
        file = f"{self.prefix}-{name}.svg"
        self.files[file] = svg.encode()
        return f"![{_safe(label)}]({file})"

    def _pictures(self, block: Pictures) -> list[str]:
        note = [_sentence(block.note)] if block.note else []
        return [_heading(block.title), *(self._shot(one) for one in block.shots), *note]

    def _shot(self, shot: Shot) -> str:
        said = f"{_safe(shot.heading)}: {_sentence(shot.caption)}"
        try:
            data = images.large(self.blob(shot.blob)) if self.blob is not None else None
        except KeyError:
            data = None
        if data is None:
            return f"{said} ({_safe(self.words('picture.unreadable'))})"
        file = f"{self.prefix}-picture-e{shot.position}.jpg"
        self.files[file] = data
        return f"![{_safe(shot.heading)}]({file})\n\n{said}"


def _heading(title: str) -> str:
    return f"### {_safe(title)}" if title else ""


def _sentence(one: Statement) -> str:
    return f"{_safe(one.text)} {plain_text(one.cites)}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return _safe(text).replace("|", "\\|")


def _safe(text: str) -> str:
    """Keep text from being read as Markdown or HTML; it may come from a label or a device."""
    flat = " ".join(text.split("\n"))
    for char in "\\`*_<>#[]":
        flat = flat.replace(char, f"\\{char}")
    return flat
