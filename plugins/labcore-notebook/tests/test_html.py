"""The page as one file that needs nothing and lets no text out of its place."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import cv2
import numpy as np
import pytest

from labcore.model import event as ev
from labcore_notebook import images
from labcore_notebook.render import build, to_html

VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """Collect ids, links and images, and see that every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []
        self.sources += [given["src"] or ""] if "src" in given else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "ja"])
def test_one_file_without_script_or_outside(robot: Any, language: str) -> None:
    text = to_html(build(robot, language), robot.blob)
    page = Page(text)
    assert page.open == []
    assert not page.tags & {"script", "link", "iframe", "object"}
    assert {one[:1] for one in page.links} == {"#"}
    assert {one.partition(",")[0] for one in page.sources} == {"data:image/jpeg;base64"}
    assert not re.findall(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[a-z]", re.sub(r"base64,[^\"]+", "", text))
    assert f'<html lang="{language}">' in text
    assert len(text) < 400_000


def test_every_citation_leads_to_its_event_once(robot: Any) -> None:
    page = Page(to_html(build(robot), robot.blob))
    assert len(page.links) > 150
    assert len(page.ids) == len(set(page.ids))
    assert {one[1:] for one in page.links} <= set(page.ids)
    assert {f"e{event.position}" for event in robot.events()} <= set(page.ids)


def test_pictures_are_scaled_jpegs(robot: Any) -> None:
    page = Page(to_html(build(robot), robot.blob))
    sizes = []
    for source in page.sources:
        data = np.frombuffer(base64.b64decode(source.partition(",")[2]), np.uint8)
        pixels = cv2.imdecode(data, cv2.IMREAD_COLOR)
        assert pixels is not None
        sizes.append(max(pixels.shape[:2]))
    assert sizes == [images.LARGE] * 6 + [images.SMALL] * 16


def test_text_from_the_record_is_never_markup(human: Any, make_robot: Callable[..., Any]) -> None:
    assert "<b>cloudy" not in to_html(build(human), human.blob)
    run = make_robot(3)
    evil = "<script>alert(1)</script>"
    run.the_plan["name"] = evil
    end = run.lines.pop()
    run.add(ev.Noted(evil, evil))
    run.add(ev.StepStarted("wait", evil), step="7")
    run.add(end.body)
    assert evil not in to_html(build(run), run.blob)


def test_lost_and_broken_pictures_are_said(make_robot: Callable[..., Any]) -> None:
    run = make_robot(4, onset=0.0)
    first, second, *_ = run.blobs
    del run.blobs[first]
    run.blobs[second] = b"not a picture"
    text = to_html(build(run), run.blob)
    assert text.count("the picture cannot be shown") == 3  # one large, both in the strip
    assert to_html(build(run)).count("the picture cannot be shown") == 2 + 4


@pytest.mark.parametrize("name", ["robot", "human"])
def test_drawings_are_well_formed(name: str, request: pytest.FixtureRequest) -> None:
    record = request.getfixturevalue(name)
    drawings = re.findall(r"<svg.*?</svg>", to_html(build(record), record.blob), re.DOTALL)
    assert len(drawings) == (2 if name == "robot" else 1)
    for one in drawings:
        root = ET.fromstring(one)
        left, top, width, height = (float(part) for part in root.attrib["viewBox"].split())
        for bar in root.iter("{http://www.w3.org/2000/svg}rect"):
            x, across = float(bar.attrib["x"]), float(bar.attrib["width"])
            assert left <= x
            assert x + across <= width + 3
            assert top <= float(bar.attrib["y"]) <= height


def test_the_curve_has_a_bar_for_every_interval(robot: Any) -> None:
    text = to_html(build(robot), robot.blob)
    svg = ET.fromstring(re.findall(r"<svg.*?</svg>", text, re.DOTALL)[1])
    bars = [one for one in svg.iter("{http://www.w3.org/2000/svg}path") if "h7M" in one.attrib["d"]]
    assert len(bars) == 24 + 1  # one a value, one in the legend
    shown = " ".join(one.text or "" for one in svg.iter("{http://www.w3.org/2000/svg}text"))
    assert "Time since start / min" in shown
    assert "Turbidity (scale 0 to 5)" in shown
    assert "onset" in shown


def test_a_day_with_288_pictures_stays_small(make_robot: Callable[..., Any]) -> None:
    run = make_robot(288, 300.0, 7200.0)
    text = to_html(build(run), run.blob)
    assert len(text) < 1_500_000
    assert text.count("<tr id=") == len(run.lines)


def test_an_empty_record_gives_a_page(empty: Any) -> None:
    assert Page(to_html(build(empty), empty.blob)).open == []


def test_what_goes_into_the_style_is_letters_and_digits_only(make_robot: Callable[..., Any]) -> None:
    run = make_robot(2)
    run.header["id"] = '"} </style><b>20240512'
    text = to_html(build(run), run.blob)
    assert text.count("</style>") == 1
    assert re.search(r'content: "Simulated [\w .-]+20240512"', text)
