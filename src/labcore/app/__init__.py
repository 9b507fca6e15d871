"""The composition root: the only package that knows everybody. Its names are loaded when they are used (PEP 562)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labcore.app.api import (
        Checked,
        check,
        check_async,
        load_lab,
        plan,
        plan_async,
        recover,
        run,
        run_async,
        simulate,
        simulate_async,
    )
    from labcore.app.opening import open_run

__all__ = [
    "Checked", "check", "check_async", "load_lab", "open_run", "plan", "plan_async", "recover", "run", "run_async", "simulate",
    "simulate_async",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load the programming interface: commands that only read a record need none of it."""
    if name not in __all__:
        raise AttributeError(f"module 'labcore.app' has no attribute {name!r}")
    from labcore.app import api

    return getattr(api, name)
