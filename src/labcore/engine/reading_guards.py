"""Watch readings beside the run: limits, doors, heaters that run away or cannot be read (semantics.md, Stops)."""

from __future__ import annotations

import anyio

from labcore.capabilities import Spot
from labcore.capabilities.weighing import Reading
from labcore.engine.session import Session
from labcore.engine.setting import Setting
from labcore.errors import LabcoreError
from labcore.model.event import ControlAsked, GuardTripped
from labcore.model.plan import Plan
from labcore.model.quantity import Quantity
from labcore.state.guarding import HEAT, Rule, Watch, begin, judge, missed, rules_of

READ_WITHIN = 5.0  # s; a reading that hangs must not keep a stop from the device
GOING = ("running", "pausing", "paused", "stopping")


async def watch_readings(setting: Setting) -> None:
    """Read what the guards watch, each at its own pace, for as long as the run lasts."""
    async with anyio.create_task_group() as tasks:
        for rule in rules_of(setting.plan, tuple(setting.sessions)):
            tasks.start_soon(_Guard(setting, rule).watch)


class _Guard:
    """One rule at work. It asks for a stop or a pause; making safe is what those do, and it goes before everything else."""

    def __init__(self, setting: Setting, rule: Rule) -> None:
        self._setting, self._rule = setting, rule
        self._session = setting.sessions[rule.device]
        self._spot = Spot("", _place(setting.plan, rule.device))
        self._watch: Watch | None = None
        self._tripped = False

    async def watch(self) -> None:
        while True:
            changed = self._setting.writer.changed
            if self._setting.writer.state.status in GOING and self._looks():
                await self._look()
                await anyio.sleep(self._rule.every)
            else:
                self._watch = None
                await (
                    changed.wait()
                )  # only an event can give it something to look at: a night without heat costs nothing

    def _looks(self) -> bool:
        return not self._rule.only_on or self._target() is not None

    def _target(self) -> float | None:
        """Return the set-point of the device's heater while it is on, °C."""
        on = self._setting.writer.state.outputs.get((self._rule.device, HEAT))
        return on.value if on is not None else None

    async def _look(self) -> None:
        writer = self._setting.writer
        watch = self._watch or begin(writer.now())
        reading = await _read(self._session, self._rule, self._spot)
        if reading is None:
            wrong = missed(self._rule, watch, writer.now())
        else:
            watch, wrong = judge(self._rule, watch, reading, self._target(), writer.now())
        self._watch = watch
        if wrong and not self._tripped:
            await self._trip(wrong, reading)
        self._tripped = bool(wrong)

    async def _trip(self, wrong: str, reading: Quantity | None) -> None:
        rule, writer = self._rule, self._setting.writer
        if writer.state.status not in GOING:
            return
        value, unit = (None, "") if reading is None else (reading.value, reading.unit)
        tripped = GuardTripped(rule.name, wrong, value, unit, rule.then)
        await writer.write(tripped, device=rule.device, source=self._session.source)
        if writer.state.status in GOING:
            await writer.write(ControlAsked(rule.then, f"guard {rule.name}", wrong, rule.then == "pause"))


async def _read(session: Session, rule: Rule, spot: Spot) -> Quantity | None:
    """Return a reading, None if none came in time; a driver that raises has given none."""
    try:
        with anyio.fail_after(min(rule.stale, READ_WITHIN)):
            async with session.lock:
                reading = await session.driver.measure(rule.quantity, spot)  # type: ignore[attr-defined]
    except (LabcoreError, TimeoutError):
        return None
    except Exception:  # a driver is a plugin: its bugs are readings that did not come
        return None
    return reading.value if isinstance(reading, Reading) else None


def _place(plan: Plan, device: str) -> str:
    """Return the first place the device acts on."""
    places = (
        name for name, entry in plan.lab.positions.items() if plan.aliases.get(entry.station or "") == device
    )
    return next(places, "")
