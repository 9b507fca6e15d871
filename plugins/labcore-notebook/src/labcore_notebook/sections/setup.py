"""Aim and set-up: what was to be done, with what devices, vessels and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labcore.model import event as ev
from labcore.model.event import Event
from labcore_notebook.journal import cited
from labcore_notebook.notebook import Block, Column, Fact, Facts, Prose, Row, Statement, Table
from labcore_notebook.numbers import wall
from labcore_notebook.page import Page, quantity


def aim(page: Page) -> list[Block]:
    """Give the protocol's own description; nothing is added to it."""
    text = page.plan_text("description").strip()
    if not text:
        return [page.missing("aim.none")]
    return [Prose((Statement(text, page.story.opening),))]


def setup(page: Page) -> list[Block]:
    """List circumstances, parameters, devices and vessels."""
    return [_circumstances(page), _parameters(page), _devices(page), _vessels(page)]


def _circumstances(page: Page) -> Block:
    words, story = page.words, page.story
    cites = story.opening
    start = story.start.body if story.start else None
    facts = [Fact(words("setup.start"), started(page) or words("setup.not_recorded"), cites)]
    if isinstance(start, ev.RunStarted):
        seed = str(start.seed) if start.seed is not None else words("setup.no_seed")
        rows = (
            ("setup.protocol", start.protocol),
            ("setup.lab", start.lab),
            ("setup.seed", seed),
            ("setup.by", start.by),
            ("setup.observers", words.several(list(start.observers))),
            ("setup.plan", start.plan_digest[:16]),
        )
        facts += [Fact(words(key), value, cites) for key, value in rows if value]
    versions = _versions(story.header)
    if versions:
        facts.append(Fact(words("setup.versions"), words.several(versions), cites))
    return Facts("", tuple(facts))


def _versions(header: Mapping[str, Any]) -> list[str]:
    told = header.get("versions")
    found = dict(told) if isinstance(told, Mapping) else {}
    found |= {name: header[name] for name in ("labcore", "python") if header.get(name)}
    return [f"{name} {version}" for name, version in sorted(found.items())]


def started(page: Page) -> str:
    """Return the wall time at which the run began, as recorded; "" if it is not."""
    first = page.story.start or next(iter(page.story.events), None)
    stamp = first.wall if first is not None else str(page.story.header.get("started", ""))
    if not stamp:
        return ""
    simulated = first is not None and isinstance(first.body, ev.RunStarted) and first.body.simulated
    return page.words("setup.simulated_clock", time=wall(stamp)) if simulated else wall(stamp)


def _parameters(page: Page) -> Block:
    start = page.story.start.body if page.story.start else None
    given = start.parameters if isinstance(start, ev.RunStarted) else {}
    if not given:
        return page.missing("setup.no_parameters")
    return Facts(
        page.words("setup.parameters"),
        tuple(Fact(name, quantity(value), page.story.opening) for name, value in given.items()),
    )


def _devices(page: Page) -> Block:
    words = page.words
    found = page.story.of(ev.DeviceConnected)
    if not found:
        return page.missing("setup.no_devices")
    keys = ("device", "driver", "identity", "nature")
    columns = tuple(Column(words(f"setup.{key}"), keep=key in ("device", "driver")) for key in keys)
    return Table(words("setup.devices"), columns, tuple(_device(page, event, body) for event, body in found))


def _device(page: Page, event: Event, body: ev.DeviceConnected) -> Row:
    detail = "; ".join(f"{name} {value}" for name, value in body.detail.items())
    nature = page.words(f"source.{event.source}")
    if event.device in page.persons:
        nature = page.words("setup.person", nature=nature)
    identity = f"{body.identity} ({detail})" if detail else body.identity
    return Row((event.device or "–", body.driver, identity, nature), cited(event))


def _vessels(page: Page) -> Block:
    words = page.words
    if not page.books.stated:
        return page.missing("setup.no_vessels")
    columns = tuple(Column(words(f"setup.{key}")) for key in ("vessel", "labware", "place", "contents"))
    rows = tuple(_vessel(page, event, body) for event, body in page.books.stated.values())
    return Table(words("setup.vessels"), columns, rows)


def _vessel(page: Page, event: Event, body: ev.VesselStated) -> Row:
    return Row(
        (
            body.vessel,
            body.labware,
            body.place or page.words("vessel.nowhere"),
            contents(page, body.contents, body.solids),
        ),
        cited(event),
    )


def contents(page: Page, held: Mapping[str, Any], solids: Mapping[str, float]) -> str:
    """Write what a vessel holds, material by material; solids as they were put in."""
    parts = [
        page.words("vessel.part", material=name or page.words("vessel.unnamed"), volume=page.volume(amount))
        for name, amount in held.items()
        if amount.high > 0
    ]
    parts += [
        page.words("vessel.solid", material=name, mass=page.words.number(grams, "g"))
        for name, grams in solids.items()
    ]
    return page.words.several(parts) if parts else page.words("vessel.empty")
