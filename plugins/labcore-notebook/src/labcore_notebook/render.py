"""From a run to a notebook page: build the model, then write it as HTML or Markdown."""

from __future__ import annotations

from dataclasses import replace

from labcore.model import event as ev
from labcore.ports import RunReader
from labcore_notebook.html import to_html
from labcore_notebook.markdown import Markdown, to_markdown
from labcore_notebook.notebook import Notebook, Section
from labcore_notebook.page import Page, open_page
from labcore_notebook.sections import appendix, outcome, remains
from labcore_notebook.sections.deviations import listed
from labcore_notebook.sections.materials import materials
from labcore_notebook.sections.observations import observations
from labcore_notebook.sections.people import people
from labcore_notebook.sections.pictures import pictures
from labcore_notebook.sections.procedure import procedure
from labcore_notebook.sections.setup import aim, setup, started
from labcore_notebook.verify import verify

__all__ = ["Markdown", "Notebook", "build", "to_html", "to_markdown"]

SECTIONS = (
    ("aim", aim),
    ("setup", setup),
    ("materials", materials),
    ("procedure", procedure),
    ("observations", observations),
    ("pictures", pictures),
    ("questions", people),
    ("deviations", listed),
    ("vessels", remains.vessels),
    ("stops", remains.stops),
    ("open", remains.unanswered),
)


def build(reader: RunReader, language: str = "en") -> Notebook:
    """Write a run's notebook page in `language` ("en" or "ja"); UsageError for another one."""
    page = open_page(reader, language)
    sections = tuple(Section(key, page.words(f"section.{key}"), tuple(make(page))) for key, make in SECTIONS)
    notebook = Notebook(
        language=language,
        title=_title(page),
        run=_run(page),
        started=started(page),
        banner=outcome.banner(page),
        glance=outcome.glance(page),
        sections=sections,
        events=appendix.entries(page.story.events),
    )
    return _with_check(notebook, reader, page)


def _with_check(notebook: Notebook, reader: RunReader, page: Page) -> Notebook:
    """Say on the page itself whether its numbers are those of the record."""
    verdict = verify(notebook, reader)
    wrong = page.words.several(list(dict.fromkeys(one.number for one in verdict.unsupported)))
    key = "page.check_failed" if verdict.unsupported else "page.check_passed"
    text = page.words(key, count=verdict.numbers, wrong=wrong, failed=len(verdict.unsupported))
    return replace(notebook, check=text, checked=not verdict.unsupported)


def _title(page: Page) -> str:
    start = page.story.start.body if page.story.start else None
    named = start.protocol if isinstance(start, ev.RunStarted) else ""
    return page.plan_text("name") or named or page.words("page.untitled")


def _run(page: Page) -> str:
    return next(
        (str(page.story.header[key]) for key in ("id", "run", "run_id") if page.story.header.get(key)), ""
    )
