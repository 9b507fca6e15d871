"""The composition root: the only package that knows everybody."""

from __future__ import annotations

from labcore.app.api import (
    Checked,
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

__all__ = [
    "Checked", "check", "check_async", "load_lab", "open_run", "plan", "plan_async", "recover", "run", "run_async", "simulate",
    "simulate_async",
]  # fmt: skip
