"""Run chemistry protocols on robots, simulators and people, and keep one truthful record.

The public door. It is light on purpose: importing it loads neither an event loop nor a device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labcore.app import (
        check,
        check_async,
        load_lab,
        open_run,
        plan,
        plan_async,
        recover,
        run,
        run_async,
        simulate,
        simulate_async,
    )

__version__ = "0.1.0"
__all__ = [
    "check",
    "check_async",
    "load_lab",
    "open_run",
    "plan",
    "plan_async",
    "recover",
    "run",
    "run_async",
    "simulate",
    "simulate_async",
]


def __getattr__(name: str) -> Any:
    """Load the composition root only when one of its names is used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'labcore' has no attribute {name!r}")
    from labcore import app

    return getattr(app, name)
