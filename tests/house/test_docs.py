"""The documents cover what there is, and their links lead somewhere."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import typing
from pathlib import Path

import pytest

from labcore.model import event
from labcore.plugin.catalog import KINDS

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
PICTURE = re.compile(r'!\[[^\]]*\]\(([^)\s]+)\)|<img[^>]+src="([^"]+)"')


def _text(root: Path, *parts: str) -> str:
    return root.joinpath("docs", *parts).read_text(encoding="utf-8")


def _pages(root: Path) -> list[Path]:
    return [
        root / "README.md",
        root / "CONTRIBUTING.md",
        *sorted(root.glob("docs/**/*.md")),
        *sorted(root.glob("protocols/*/README.md")),
    ]


def test_every_verb_has_its_entry(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    verbs, page = project["entry-points"]["labcore.verbs"], _text(root, "reference", "verbs.md")
    assert {word for word in verbs if f"\n### {word}\n" not in page} == set()
    assert {word for word in re.findall(r"^### (\w+)$", page, re.MULTILINE) if word not in verbs} == set()


def test_every_argument_of_a_verb_is_named(root: Path) -> None:
    from labcore.adapters.entry_points import EntryPointCatalog

    page, catalog = _text(root, "reference", "verbs.md"), EntryPointCatalog()
    looked_at = 0
    for name in catalog.names("verbs"):
        section = page.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
        if not section or "Arguments as" in section or "the same" in section:
            continue
        looked_at += 1
        verb = catalog.load("verbs", name)
        fields = {field.alias or key for key, field in verb.Args.model_fields.items()}
        missing = {one for one in fields if not re.search(rf"(`{one}[`:]|\*\*{one}\*)", section)}
        assert not missing, f"{name}: {missing}"
    assert looked_at >= 12, "the page does not look as this test believes"


def test_every_kind_of_event_and_its_fields_are_named(root: Path) -> None:
    page = _text(root, "reference", "events.md")
    rows = {
        row[0]: row[1].split() for row in re.findall(r"^\| `(\w+)` \|.*\| `([\w ]+)` \|$", page, re.MULTILINE)
    }
    bodies = {str(one.__dataclass_fields__["kind"].default): one for one in typing.get_args(event.Body)}
    for kind, body in bodies.items():
        assert kind in rows, f"docs/reference/events.md does not name {kind}"
        fields = [field.name for field in dataclasses.fields(body) if field.name != "kind"]
        assert rows[kind] == fields, f"docs/reference/events.md is wrong about {kind}"
    assert set(rows) - set(bodies) <= {"device"}, "the page names kinds that there are not"


def test_every_command_is_named(root: Path) -> None:
    from labcore.cli.main import app

    page = _text(root, "reference", "commands.md")
    groups = {
        group.name: group.typer_instance
        for group in app.registered_groups
        if group.typer_instance is not None
    }
    names = [str(command.name) for command in app.registered_commands]
    for group, inside in groups.items():
        commands = [
            c.name or c.callback.__name__ for c in inside.registered_commands if c.callback is not None
        ]
        names += [f"{group} {name}" for name in commands]
    missing = [name for name in names if f"`labcore {name} " not in page and f"`labcore {name}`" not in page]
    assert not missing


def test_every_shown_command_can_be_called(root: Path) -> None:
    import typer.main

    from labcore.cli.main import app

    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    called = set()
    for page in _pages(root):
        blocks = re.findall(
            r"^ *```(?:console|sh)\n(.*?)^ *```", page.read_text(encoding="utf-8"), re.M | re.S
        )
        for shown in re.findall(r"^ *(?:\$ )?labcore (\w.*)$", "\n".join(blocks), re.M):
            words = shown.partition(" #")[0].split()
            command = commands.get(words[0])
            assert command is not None, f"{page.name}: labcore {shown}"
            command = command.commands[words[1]] if hasattr(command, "commands") else command
            known = {opt for one in command.params for opt in (*one.opts, *one.secondary_opts)}
            assert {one for one in words if one.startswith("--")} <= known, f"{page.name}: labcore {shown}"
            called.add(words[0])
    assert {"init", "check", "plan", "run", "simulate", "show", "events", "lab"} <= called


def test_every_option_of_a_command_is_named(root: Path) -> None:
    import typer.main

    from labcore.cli.main import app

    page = _text(root, "reference", "commands.md")
    commands = dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    commands |= commands.pop("lab").commands
    options = {
        opt
        for command in commands.values()
        for one in command.params
        for opt in one.opts
        if opt.startswith("--")
    }
    assert {one for one in options if one not in page} <= {
        "--install-completion",
        "--show-completion",
        "--help",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_entry_point_group_is_named(kind: str, root: Path) -> None:
    assert f"| `labcore.{kind}` |" in _text(root, "reference", "plugins.md")


def test_every_decision_is_in_the_index(root: Path) -> None:
    index = _text(root, "decisions", "README.md")
    records = sorted((root / "docs" / "decisions").glob("[0-9]*.md"))
    assert [one.name for one in records if f"({one.name})" not in index] == []
    numbers = [one.name[:4] for one in records]
    assert numbers == [f"{n:04}" for n in range(1, len(records) + 1)], (
        "decision numbers have no gap and no double"
    )
    for one in records:
        text = one.read_text(encoding="utf-8")
        assert all(f"\n## {part}\n" in text for part in ("Context", "Decision", "Consequences")), one.name


def test_every_modifier_is_named(root: Path) -> None:
    from labcore.pipeline.words import BLOCKS, HEADER_KEYS, MODIFIERS

    page = _text(root, "reference", "protocol-language.md")
    assert [
        word
        for word in (*MODIFIERS, *HEADER_KEYS, *BLOCKS)
        if f"`{word}`" not in page and f"`{word}:" not in page
    ] == []


def test_every_key_of_a_lab_file_is_named(root: Path) -> None:
    from labcore.model import lab

    page = _text(root, "reference", "lab-file.md")
    models = (lab.LabFile, lab.DeviceEntry, lab.PositionEntry, lab.StockEntry, lab.VesselEntry)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert {key for key in keys if f"`{key}`" not in page and f"`{key}:" not in page} == set()


def test_the_standard_deck_is_the_drivers_and_the_simulators(root: Path) -> None:
    driver = pytest.importorskip("labcore_gantry.deck").standard_deck()
    simulator = pytest.importorskip("labcore_simulators.instruments.deck").standard()
    assert driver == simulator
    page = _text(root, "reference", "standard-deck.md")
    shown: dict[str, tuple[float, float]] = {}
    for row in re.findall(r"^\| `([\w/]+)`(?: to `([\w/]+)`)? \| ([\d, ]+) \| (\d+) \|$", page, re.MULTILINE):
        first, last, xs, y = row
        across = [float(x) for x in xs.split(",")]
        names = [f"{first[:-1]}{int(first[-1]) + n}" for n in range(len(across))] if last else [first]
        assert names[-1] == (last or first)
        shown |= {name: (x, float(y)) for name, x in zip(names, across, strict=True)}
    assert shown == driver


def test_links_lead_somewhere(root: Path) -> None:
    broken, followed = [], 0
    for page in [*_pages(root), *sorted(root.glob("plugins/*/README.md")), root / "simulators" / "README.md"]:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        targets = LINK.findall(text) + [one for pair in PICTURE.findall(text) for one in pair if one]
        inside = [target for target in targets if "://" not in target]
        broken += [f"{page.relative_to(root)}: {t}" for t in inside if not (page.parent / t).exists()]
        followed += len(inside)
    assert not broken
    assert followed >= 60


def test_no_word_is_used_that_the_glossary_forbids(root: Path) -> None:
    wrong = re.compile(r"\b(reagent object|mixin|callback)s?\b", re.IGNORECASE)
    pages = [page for page in _pages(root) if page.name != "glossary.md"]
    found = [
        f"{page.relative_to(root)}: {match[0]}"
        for page in pages
        for match in wrong.finditer(page.read_text(encoding="utf-8"))
    ]
    assert not found
    assert wrong.search("Mixins are banned"), "a forbidden word would not be found"
