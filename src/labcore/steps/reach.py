"""Wait until a measured value is within tolerance of its set-point."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from labcore.model.quantity import Quantity
from labcore.plugin.step import StepContext

INTERVAL = 2.0  # s between readings
STEADY = 2  # readings in a row


async def reach(
    ctx: StepContext, read: Callable[[], Awaitable[Quantity]], target: Quantity, unit: str, tolerance: float
) -> None:
    """Poll `read` until STEADY readings in a row are within `tolerance` (in `unit`); the step's timeout bounds it."""
    steady = 0
    while steady < STEADY:
        value = await read()
        steady = steady + 1 if abs(value.in_(unit) - target.in_(unit)) <= tolerance else 0
        if steady < STEADY:
            await ctx.sleep(INTERVAL)
