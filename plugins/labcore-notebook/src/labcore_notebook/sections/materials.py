"""Materials: what each is, and what was delivered of it, with the uncertainty on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from labcore.model.interval import Interval
from labcore.model.quantity import Quantity, parse_quantity
from labcore.model.vessel import EMPTY
from labcore_notebook.notebook import Block, Column, Row, Table
from labcore_notebook.page import Page, quantity
from labcore_notebook.sections.acts import who
from labcore_notebook.sections.measured import evaporated, measured
from labcore_notebook.vessels import Delivery


def materials(page: Page) -> list[Block]:
    """List every addition, and the totals of each material with its amount of substance."""
    declared = page.story.plan.get("materials")
    recipes = declared if isinstance(declared, Mapping) else {}
    moves = list(page.books.deliveries)
    if not moves:
        nothing = page.missing("materials.none")
        return [*_declared(page, recipes), nothing, *measured(page), *evaporated(page)]
    return [_totals(page, moves, recipes), _additions(page, moves), *measured(page), *evaporated(page)]


def _declared(page: Page, recipes: Mapping[str, Any]) -> list[Block]:
    if not recipes:
        return []
    words = page.words
    columns = (Column(words("materials.material")), Column(words("materials.composition")))
    rows = tuple(Row((name, _recipe(page, recipes, name)), page.story.opening) for name in recipes)
    return [Table(words("materials.declared"), columns, rows)]


def _totals(page: Page, moves: list[Delivery], recipes: Mapping[str, Any]) -> Block:
    words = page.words
    columns = (
        Column(words("materials.material"), keep=True),
        Column(words("materials.composition")),
        Column(words("materials.into")),
        Column(words("materials.delivered"), "right"),
        Column(words("materials.solute"), "right"),
    )
    pairs = dict.fromkeys((name, one.move.target) for one in moves for name in one.parts)
    rows = [_total(page, moves, name, target, recipes) for name, target in pairs]
    used = {name for name, _ in pairs}
    unused = [
        Row((name, _recipe(page, recipes, name), "–", words("materials.unused"), ""), page.story.everything)
        for name in recipes
        if name not in used
    ]
    return Table(words("materials.totals"), columns, (*rows, *unused), words("materials.totals_note"))


def _total(page: Page, moves: list[Delivery], name: str, target: str, recipes: Mapping[str, Any]) -> Row:
    mine = [one for one in moves if name in one.parts and one.move.target == target]
    volume = _sum(one.parts[name] for one in mine)
    cites = tuple(sorted({position for one in mine for position in one.act.cites} | set(page.story.opening)))
    shown = name or page.words("vessel.unnamed")
    cells = (
        shown,
        _recipe(page, recipes, name),
        target,
        page.volume(volume),
        _solute(page, volume, recipes, name),
    )
    return Row(cells, cites)


def _sum(parts: Iterable[Interval]) -> Interval:
    total = EMPTY
    for part in parts:
        total = total + part
    return total


def _recipe(page: Page, recipes: Mapping[str, Any], name: str) -> str:
    recipe = recipes.get(name)
    if not isinstance(recipe, Mapping):
        return ""
    told = (recipe.get(key) for key in ("solute", "solvent", "concentration"))
    solute, solvent, strength = (quantity(one) if one else "" for one in told)
    if solute and strength and solvent:
        return page.words("materials.solution", solute=solute, concentration=strength, solvent=solvent)
    return page.words.several([one for one in (solute, strength, solvent) if one])


def _solute(page: Page, volume: Interval, recipes: Mapping[str, Any], name: str) -> str:
    """Return volume times nominal concentration, mmol; "" where no concentration is declared."""
    strength = concentration(recipes.get(name))
    if strength is None:
        return ""
    factor = strength.in_("mol/L")  # mL x mol/L = mmol
    return page.words.spread(volume.low * factor, volume.mid * factor, volume.high * factor, "mmol")


def concentration(recipe: object) -> Quantity | None:
    """Return a material's nominal concentration, None if none (in mol per volume) is declared."""
    told = recipe.get("concentration") if isinstance(recipe, Mapping) else None
    try:
        strength = parse_quantity(quantity(told)) if told else None
    except ValueError:
        return None
    return strength if strength is not None and strength.dimension == "concentration" else None


def _additions(page: Page, moves: list[Delivery]) -> Block:
    words = page.words
    keys = ("time", "material", "way", "ordered", "delivered", "by")
    columns = tuple(
        Column(
            words(f"materials.{key}"),
            "right" if key in ("ordered", "delivered") else "left",
            keep=key != "material",
        )
        for key in keys
    )
    return Table(words("materials.additions"), columns, tuple(_addition(page, one) for one in moves))


def _addition(page: Page, one: Delivery) -> Row:
    outcome = one.act.outcome
    status = outcome.status if outcome else "unknown"
    delivered = page.volume(one.volume)
    if status != "done":
        delivered = page.words(
            "materials.not_all", volume=delivered, status=page.words.word("status", status)
        )
    way = page.words("materials.from_to", source=one.move.source, target=one.move.target)
    cells = (
        page.when(one.act.intent.at),
        page.words.several([name for name in one.parts if name]) or "–",
        way,
        page.words.number(one.move.volume.mid, "mL"),
        delivered,
        who(page, one.act),
    )
    return Row(cells, one.act.cites, "plain" if status == "done" else "warn")
