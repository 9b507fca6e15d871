"""labcore's text side (P6): load, validate and plan a protocol of 10,000 steps, and the parts of that."""

from __future__ import annotations

from functools import partial

from assembly import CATALOG
from texts import MEMORY_LAB, STEPS, long_protocol
from timing import measure, scaled

from labcore.adapters.entry_points import EntryPointCatalog
from labcore.pipeline.compose import compose
from labcore.pipeline.draft import Findings
from labcore.pipeline.prepare import prepare
from labcore.pipeline.resolve import Sources, resolve


def sources(count: int) -> Sources:
    """Return a protocol of `count` steps with its lab."""
    return Sources(long_protocol(count), "protocol.yaml", MEMORY_LAB, "lab.yaml")


def whole(given: Sources) -> None:
    """Go the whole way; RuntimeError if a fault is found in it."""
    prepared = prepare(given, EntryPointCatalog(dict(CATALOG)))  # type: ignore[arg-type]
    if prepared.plan is None or prepared.errors:
        raise RuntimeError("; ".join(problem.text() for problem in prepared.errors[:3]))


def main() -> None:
    """Measure the tree alone, the tree and its meaning, and everything with the checks."""
    count = scaled(STEPS, least=100)
    catalog = EntryPointCatalog(dict(CATALOG))  # type: ignore[arg-type]
    measure("labcore.text.tree", lambda n: partial(compose, sources(n).protocol, "protocol.yaml"), count)
    measure("labcore.text.resolve", lambda n: partial(resolve, sources(n), catalog, Findings()), count)
    measure("labcore.text", lambda n: partial(whole, sources(n)), count)


if __name__ == "__main__":
    main()
