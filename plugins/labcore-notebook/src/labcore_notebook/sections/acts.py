"""Acts in plain sentences: what was done, in part, not at all, or nobody knows."""

from __future__ import annotations

from labcore.model.effect import Placement, SetOutput, Transfer
from labcore_notebook.journal import Done
from labcore_notebook.notebook import Tone
from labcore_notebook.page import Page, quantity


def sentence(page: Page, act: Done) -> str:
    """Say what became of an act."""
    outcome = act.outcome
    if outcome is not None and outcome.status == "done":
        text = page.words(f"act.{_kind(page, act)}.done", **_fields(page, act))
    else:
        status = outcome.status if outcome is not None else "unsettled"
        told = "_told" if status == "not_started" and act.told_by else ""
        text = page.words(f"status_sentence.{status}{told}", todo=intention(page, act), by=act.told_by)
        text += _moved(page, act) if status in ("partly", "unknown") else ""
    if outcome is not None and outcome.drawn is not None:
        span = page.words.span(outcome.drawn.low, outcome.drawn.high, "mL")
        text += page.words("act.drawn", span=span, source=_fields(page, act)["source"])
    if outcome is not None and outcome.message:
        text += page.words("act.message", message=page.reason(outcome.message))
    return text


def who(page: Page, act: Done) -> str:
    """Say who carried an act out, and who settled it if that was not its device."""
    event = act.settled or act.intent
    if not act.told_by:
        return page.who(event, act.outcome.by if act.outcome else "")
    did = page.who(event)
    key = f"who.settled_{act.told_by}"
    return page.words(key if page.words.has(key) else "who.settled", who=did, by=act.told_by)


def intention(page: Page, act: Done) -> str:
    """Say what was to be done ("dispense 20 mL of acetone from bottle/3 into reactor")."""
    return page.words(f"act.{_kind(page, act)}.todo", **_fields(page, act))


def tone(act: Done) -> Tone:
    """Say how much a reader should look at it."""
    if act.outcome is None or act.outcome.status == "unknown":
        return "bad"
    return "plain" if act.outcome.status == "done" else "warn"


def _kind(page: Page, act: Done) -> str:
    return act.asked.method if page.words.has(f"act.{act.asked.method}.done") else "other"


def _fields(page: Page, act: Done) -> dict[str, str]:
    fields = {
        "device": act.intent.device or "–",
        "method": act.asked.method,
        "arguments": quantity(act.asked.arguments),
        "volume": "–",
        "ordered": "–",
        "material": "–",
        "source": "–",
        "target": "–",
        "vessel": "–",
        "origin": "–",
        "value": "–",
    }
    for effect in act.asked.effects:
        match effect:
            case Transfer():
                fields |= _transfer(page, act, effect)
            case Placement():
                origin = act.asked.arguments.get("origin")
                fields |= {"vessel": effect.vessel, "target": effect.place, "origin": quantity(origin)}
            case SetOutput() if effect.value is not None:
                fields["value"] = page.words.number(effect.value, effect.unit)
    return fields


def _transfer(page: Page, act: Done, effect: Transfer) -> dict[str, str]:
    delivery = page.books.of_act(act)
    names = [name for name in (delivery.parts if delivery else {}) if name]
    return {
        "volume": page.volume(delivery.volume) if delivery else page.volume(effect.volume),
        "ordered": page.words.number(effect.volume.mid, "mL"),
        "material": page.words.several(names) if names else page.words("act.liquid"),
        "source": effect.source,
        "target": effect.target,
    }


def _moved(page: Page, act: Done) -> str:
    delivery = page.books.of_act(act)
    if delivery is None:
        return ""
    span = page.words.span(delivery.volume.low, delivery.volume.high, "mL")
    return page.words("act.moved", span=span)
