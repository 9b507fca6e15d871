"""Plugins found by their entry points without importing them; each is loaded when named, guarded and with a time limit."""

from __future__ import annotations

import threading
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from labcore.errors import PluginError
from labcore.plugin.catalog import KINDS, Kind, Listed

LOAD_LIMIT = 20.0  # s of real time for one import


class EntryPointCatalog:
    """See `labcore.plugin.catalog.Catalog`. `extra` are plugins given by hand: {(kind, name): object}."""

    def __init__(
        self, extra: dict[tuple[Kind, str], Any] | None = None, *, limit: float = LOAD_LIMIT
    ) -> None:
        self._extra = dict(extra or {})
        self._limit = limit
        self._points: dict[tuple[Kind, str], EntryPoint] = {}
        self._loaded: dict[tuple[Kind, str], Any] = {}
        self._failures: dict[tuple[Kind, str], str] = {}
        self._doubles: dict[tuple[Kind, str], str] = {}
        self._origins: dict[int, tuple[str, str]] = {}
        found = entry_points()  # looks through every installed distribution: once is enough
        for kind in KINDS:
            for point in found.select(group=f"labcore.{kind}"):
                self._add(kind, point)

    def _add(self, kind: Kind, point: EntryPoint) -> None:
        first = self._points.setdefault((kind, point.name), point)
        if first.value != point.value:
            self._doubles[kind, point.name] = f"{self._origin(first)} and {self._origin(point)} both offer it"

    def names(self, kind: Kind) -> tuple[str, ...]:
        """Return all names of a kind, sorted."""
        return tuple(sorted({name for one, name in (*self._points, *self._extra) if one == kind}))

    def load(self, kind: Kind, name: str) -> Any:
        """Import and return a plugin object."""
        key = (kind, name)
        if key in self._extra:
            return self._extra[key]
        if key in self._loaded:
            return self._loaded[key]
        if key not in self._points:
            raise KeyError(name)
        failure = self._failures.get(key) or self._doubles.get(key) or self._import(key)
        if failure:
            self._failures[key] = failure
            origin = self._origin(self._points[key])
            raise PluginError(
                f"{kind[:-1]} {name!r} cannot be used: {failure}",
                plugin=origin,
                remedy=f"Repair or uninstall {origin}.",
            )
        return self._loaded[key]

    def _import(self, key: tuple[Kind, str]) -> str:
        """Import in a thread, because a plugin may hang at import; a hung one is abandoned. Return why it failed."""
        found: list[Any] = []
        problem: list[str] = []

        def job() -> None:
            try:
                found.append(self._points[key].load())
            except BaseException as error:  # SystemExit at import included: a plugin must not end labcore
                problem.append(f"importing {self._points[key].value} raised {type(error).__name__}: {error}")

        thread = threading.Thread(target=job, name=f"labcore-import-{key[1]}", daemon=True)
        thread.start()
        thread.join(self._limit)
        if thread.is_alive():
            return f"importing {self._points[key].value} took longer than {self._limit:g} s"
        if problem:
            return problem[0]
        self._loaded[key] = found[0]
        return ""

    def listed(self) -> tuple[Listed, ...]:
        """Return everything found, with the failures seen so far."""
        rows = []
        for (kind, name), point in sorted(self._points.items()):
            failure = self._failures.get((kind, name)) or self._doubles.get((kind, name), "")
            distribution, version = self._named(point)
            rows.append(Listed(kind, name, distribution, version, point.value, failure))
        return tuple(rows)

    def _origin(self, point: EntryPoint) -> str:
        return " ".join(self._named(point)) if point.dist else point.value

    def _named(self, point: EntryPoint) -> tuple[str, str]:
        """Return the distribution and its version; each asking of it parses its metadata anew, so: once."""
        if point.dist is None:
            return "", ""
        key = id(point.dist)  # alive as long as the point
        if key not in self._origins:
            self._origins[key] = (point.dist.name, point.dist.version)
        return self._origins[key]
