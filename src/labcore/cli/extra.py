"""Commands of plugins: listed by name, loaded only when they are called."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from typer.core import TyperGroup


class PluginGroup(TyperGroup):
    """The built-in commands and those of entry-point group `labcore.commands` (a typer.Typer or a click command)."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return all command names without loading any plugin."""
        own = super().list_commands(ctx)
        return [*own, *sorted({point.name for point in entry_points(group="labcore.commands")} - set(own))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; a plugin's is imported now."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        if not any(point.name == cmd_name for point in entry_points(group="labcore.commands")):
            return None
        from typer.main import get_command

        from labcore.adapters.entry_points import EntryPointCatalog

        found = EntryPointCatalog().load("commands", cmd_name)
        command = get_command(found) if hasattr(found, "registered_commands") else found
        command.name = cmd_name
        return command
