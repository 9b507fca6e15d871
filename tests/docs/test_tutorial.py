"""docs/tutorials/first-protocol.md, executed: every command runs, every shown line appears ("…" stands for anything)."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorials" / "first-protocol.md"
FENCE = r'^```(?P<kind>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$'
EDIT = r"^<!-- edit (?P<file>\S+): (?P<old>[^\n]+?) -> (?P<new>[^\n]+?) -->$"
PIECE = re.compile(f"{FENCE}|{EDIT}", re.MULTILINE | re.DOTALL)


@dataclass
class Reader:
    """Somebody who does what the page says."""

    folder: Path
    state: Path
    ran: int = 0

    def console(self, text: str) -> None:
        """Run each command and look for the lines shown after it, in order."""
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            self._look_for(shown.splitlines(), self._run(command), command)

    def _run(self, command: str) -> list[str]:
        words = shlex.split(command)
        if words[0] == "cd":
            self.folder = self.folder / words[1]
            return []
        assert words[0] == "labcore", f"the page uses {words[0]}"
        own = dict(os.environ) | {"LABCORE_STATE": str(self.state), "COLUMNS": "200"}
        own.pop("LABCORE_DATA", None)
        program = [sys.executable, "-m", "labcore.cli.main", *words[1:]]
        done = subprocess.run(program, cwd=self.folder, env=own, capture_output=True, text=True, timeout=100)
        assert "this is a bug" not in done.stderr, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        self.ran += 1
        return [*done.stderr.splitlines(), *done.stdout.splitlines()]

    def _look_for(self, shown: list[str], said: list[str], command: str) -> None:
        rest = iter(said)
        for line in (one for one in shown if one.strip()):
            pattern = re.compile(".*".join(re.escape(part.strip()) for part in line.strip().split("…")))
            assert any(pattern.search(one) for one in rest), (
                f"$ {command}\nshows no line like:\n{line}\nbut:\n" + "\n".join(said)
            )

    def yaml(self, title: str, text: str) -> None:
        """A file the page shows: it is there already and equal, or it is written now."""
        path = self.folder / title
        if path.exists():
            assert path.read_text(encoding="utf-8") == text, (
                f"the page shows another {title} than `labcore init` writes"
            )
        path.write_text(text, encoding="utf-8")

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a word in a file."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old} is not there once"
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.timeout(300)
def test_the_first_tutorial_works_as_written(tmp_path: Path) -> None:
    pytest.importorskip("labcore_turbidity.observer")
    reader = Reader(tmp_path, tmp_path / "state")
    for piece in PIECE.finditer(PAGE.read_text(encoding="utf-8")):
        if piece["file"]:
            reader.edit(piece["file"], piece["old"], piece["new"])
        elif piece["kind"] == "console":
            reader.console(piece["text"])
        elif piece["title"]:
            reader.yaml(piece["title"], piece["text"])
    assert reader.ran >= 11
    notebooks = list(reader.folder.glob("labcore-data/runs/*/report/notebook.html"))
    assert len(notebooks) == 3
