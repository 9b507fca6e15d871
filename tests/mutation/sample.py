"""Draw some of the mutants, or tell what became of those that were drawn.

    python tests/mutation/sample.py draw 300 [SEED]    their names, one a line
    python tests/mutation/sample.py tell NAMES          what became of the names in a file; exit code 1 below 90 %

Every mutant has the same chance. mutmut has to have made them before (`mutmut run NAME` of any).
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter, defaultdict
from pathlib import Path

MADE = Path("mutants/src")
KILLED = {1: "by a test", 3: "by a test", 37: "by the type check", 36: "never ended", 24: "never ended", -24: "never ended",
          152: "never ended", 255: "never ended", -11: "by a test", -9: "by a test"}  # fmt: skip
GATE = 0.9


def results() -> dict[str, int | None]:
    """Return the exit code of every mutant, None if it was not tried."""
    found: dict[str, int | None] = {}
    for path in sorted(MADE.rglob("*.meta")):
        found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def draw(count: int, seed: int = 0) -> None:
    """Print the names of `count` mutants."""
    names = sorted(results())
    print(f"{len(names)} mutants, {min(count, len(names))} drawn with seed {seed}", file=sys.stderr)
    print("\n".join(sorted(random.Random(seed).sample(names, min(count, len(names))))))


def tell(names: list[str]) -> int:
    """Print how many were killed, by module, and the names of those that were not; return the exit code."""
    codes = results()
    tried = {name: code for name in names if (code := codes[name]) is not None}
    ends = Counter(KILLED.get(code, "survived") for code in tried.values())
    modules: dict[str, list[bool]] = defaultdict(list)
    for name, code in tried.items():
        modules[name.rpartition(".")[0]].append(code in KILLED)
    for module, killed in sorted(modules.items()):
        print(f"{module:<40} {sum(killed):>4} of {len(killed):>4}")
    for name, code in sorted(tried.items()):
        if code not in KILLED:
            print(f"survived: {name}")
    share = 1 - ends["survived"] / max(1, len(tried))
    print(
        f"{len(tried)} of {len(codes)} mutants tried: {share:.1%} killed ({dict(ends)}); {len(names) - len(tried)} not tried"
    )
    return 0 if share >= GATE else 1


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "draw":
        draw(*map(int, rest))
    else:
        sys.exit(tell(Path(rest[0]).read_text(encoding="utf-8").split()))
