"""One self-contained HTML file: styles, drawings and pictures inside, no script, nothing from outside."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from html import escape

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from labcore_notebook import citations, images
from labcore_notebook.charts import curve, timeline
from labcore_notebook.notebook import Curve, Notebook, Timeline
from labcore_notebook.words import Words

Blob = Callable[[str], bytes]


def to_html(notebook: Notebook, blob: Blob | None = None) -> str:
    """Return the page. `blob` gives a picture's bytes by digest (KeyError: not there); None shows none."""
    environment = Environment(
        loader=PackageLoader("labcore_notebook", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    style, _, _ = (
        environment.loader.get_source(environment, "style.css") if environment.loader else ("", "", None)
    )
    return environment.get_template("notebook.html.j2").render(
        notebook=notebook,
        t=Words(notebook.language),
        style=Markup(style),
        stamp=_stamp(notebook),
        cite=cite,
        drawing=drawing,
        large=_inliner(blob, images.large),
        small=_inliner(blob, images.small),
    )


def _stamp(notebook: Notebook) -> str:
    """Return what stands at the top of every printed page: it goes into the style, so letters and digits only."""
    text = f"{notebook.banner.world_title} {notebook.run}"
    return "".join(char if char.isalnum() or char in "-_." else " " for char in text).strip()


def cite(cites: Sequence[int], most: int = citations.MOST) -> Markup:
    """Return citations as small links into the event list."""
    shown = citations.shown(cites, most)
    parts = ["…" if one is None else _link(one) for one in shown]
    hidden = None in shown
    hint = f' title="{escape(citations.plain_text(cites, limit=False))}"' if hidden else ""
    return Markup(f'<span class="cite"{hint}>[{", ".join(parts)}]</span>')


def drawing(block: Timeline | Curve) -> Markup:
    """Return a block's SVG; its texts are escaped where they are set."""
    return Markup(timeline.draw(block) if isinstance(block, Timeline) else curve.draw(block))


def _link(span: tuple[int, int]) -> str:
    first, last = (f'<a href="#e{one}">e{one}</a>' for one in span)
    if span[0] == span[1]:
        return first
    return f"{first}, {last}" if span[1] == span[0] + 1 else f"{first}–{last}"


def _inliner(blob: Blob | None, shrink: Callable[[bytes], bytes | None]) -> Callable[[str], str]:
    """Return a function from a digest to a data URI, "" if the picture cannot be had or read."""

    def inline(digest: str) -> str:
        try:
            data = shrink(blob(digest)) if blob is not None else None
        except KeyError:
            return ""
        return f"data:image/jpeg;base64,{b64encode(data).decode('ascii')}" if data else ""

    return inline
