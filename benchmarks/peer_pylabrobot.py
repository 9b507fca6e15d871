"""PyLabRobot: aspirate and dispense on its printing back end, volume tracking on. Runs in the peers' environment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any

from pylabrobot.liquid_handling import LiquidHandler
from pylabrobot.liquid_handling.backends import LiquidHandlerChatterboxBackend
from pylabrobot.resources import (
    PLT_CAR_L5AC_A00,
    TIP_CAR_480_A00,
    cor_96_wellplate_360uL_Fb,
    hamilton_96_tiprack_1000uL_filter,
    set_tip_tracking,
    set_volume_tracking,
)
from pylabrobot.resources.hamilton import STARLetDeck
from timing import measure, scaled

VOLUME = 50.0  # uL


async def set_up() -> tuple[Any, Any]:
    """Return a liquid handler with one tip picked up, and a plate with liquid in every well."""
    handler = LiquidHandler(backend=LiquidHandlerChatterboxBackend(), deck=STARLetDeck())
    await handler.setup()
    tips, plate = hamilton_96_tiprack_1000uL_filter(name="tips"), cor_96_wellplate_360uL_Fb(name="plate")
    tip_carrier, plate_carrier = TIP_CAR_480_A00(name="tip carrier"), PLT_CAR_L5AC_A00(name="plate carrier")
    tip_carrier[0], plate_carrier[0] = tips, plate
    handler.deck.assign_child_resource(tip_carrier, rails=3)
    handler.deck.assign_child_resource(plate_carrier, rails=15)
    set_tip_tracking(True)
    set_volume_tracking(True)
    for well in plate.get_all_items():
        well.tracker.set_volume(3 * VOLUME)
    await handler.pick_up_tips(tips["A1"])
    return handler, plate


async def operate(handler: Any, plate: Any, count: int) -> None:
    """Move the same volume to and fro: `count` operations."""
    source, target = plate["A1"], plate["B1"]
    for _ in range(count // 2):
        await handler.aspirate(source, vols=[VOLUME])
        await handler.dispense(target, vols=[VOLUME])
        source, target = target, source


def main() -> None:
    """Measure one operation; given a number, only do so many. What the back end prints goes nowhere."""
    loop = asyncio.new_event_loop()

    def silently(work: Any) -> Any:
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            return loop.run_until_complete(work)

    def ready(count: int) -> Callable[[], object]:
        handler, plate = silently(set_up())
        return lambda: silently(operate(handler, plate, count))

    if sys.argv[1:]:
        ready(int(sys.argv[1]))()
        return
    measure("pylabrobot.operation", ready, 2 * scaled(1_000, least=10))


if __name__ == "__main__":
    main()
