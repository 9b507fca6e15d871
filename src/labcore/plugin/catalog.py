"""What is installed: names are listed without importing anything; a plugin is loaded when it is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

Kind = Literal[
    "drivers", "verbs", "observers", "simulators", "worlds", "commands", "checks", "reports", "openers"
]
KINDS: tuple[Kind, ...] = (
    "drivers", "verbs", "observers", "simulators", "worlds", "commands", "checks", "reports", "openers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A plugin seen in an installed distribution's metadata; `failure` says why it could not be loaded, if tried."""

    kind: Kind
    name: str
    distribution: str
    version: str
    target: str
    failure: str = ""


class Catalog(Protocol):
    """Look up plugins by the word users write."""

    def names(self, kind: Kind) -> tuple[str, ...]:
        """Return all names of a kind, sorted."""

    def load(self, kind: Kind, name: str) -> Any:
        """Import and return the plugin object; KeyError if there is none, PluginError (naming it) if it is broken."""

    def listed(self) -> tuple[Listed, ...]:
        """Return everything found, with the failures seen so far."""
