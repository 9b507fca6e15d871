"""The border to drivers: what they raise and what they give back is looked at before anything is built on it.

A driver is a plugin. Whatever it does, the engine goes on and the record stays true: what was not sent is refused with the
plugin's name, and what may have been sent ends as unknown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from math import inf, isfinite
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, is_typeddict

import anyio

from labcore.capabilities.act import Act, Outcome
from labcore.capabilities.weighing import Reading
from labcore.model.effect import Effect, SetOutput, Transfer
from labcore.model.interval import Interval
from labcore.model.observation import Picture
from labcore.model.quantity import Quantity, UnitError

T = TypeVar("T")
STATUSES = ("done", "partly", "not_started", "unknown")
MOST_ML = 1e9  # no vessel holds more; above this a volume is a slip or an attack on the ledger
OVERSHOOT = 1.5  # times the volume asked for; a device that says it surely delivered more is not believed
LONGEST_ACT = 30 * 86400.0  # s


class Escaped(Exception):  # noqa: N818 - the border turns it into whatever fits the place
    """Plugin code raised what would have ended the engine: an exit, an interrupt, a cancellation that nobody asked for."""


async def contained(job: Callable[[], Awaitable[T]]) -> T:
    """Await plugin code; what is no `Exception` becomes one, except a cancellation that was asked for."""
    try:
        return await job()
    except (Exception, GeneratorExit):
        raise
    except anyio.get_cancelled_exc_class() as error:
        if _cancelled():
            raise
        raise Escaped("raised a cancellation that nobody asked for") from error
    except BaseException as error:  # SystemExit, KeyboardInterrupt: a plugin must not end labcore
        raise Escaped(f"raised {error!r}") from error


def _cancelled() -> bool:
    """Say whether the running task is being cancelled, by a scope or by the loop's owner."""
    task = asyncio.current_task()
    return anyio.current_effective_deadline() == -inf or (task is not None and task.cancelling() > 0)


# ------------------------------------------------------------------------------------------------ what goes in
def fault_in_arguments(arguments: Mapping[str, Any], effects: Iterable[Effect]) -> str:
    """Say what no device may be asked for, "" if nothing is wrong."""
    for name, value in arguments.items():
        if isinstance(value, float) and not isfinite(value):
            return f"{name} is {value}"
    for effect in effects:
        match effect:
            case Transfer(volume=volume) if volume.low < 0:
                return f"a volume of {volume.low:g} mL cannot be moved"
            case Transfer(volume=volume) if volume.high > MOST_ML:
                return f"a volume of {volume.high:g} mL is more than any vessel holds"
            case SetOutput(output=output, value=value) if value is not None and not isfinite(value):
                return f"{output} would be {value}"
    return ""


# ------------------------------------------------------------------------------------------------ what comes out
def fault_in_act(act: Any) -> str:
    """Say why this is no act that can be sent, "" if it is one."""
    if not isinstance(act, Act):
        return f"it is {type(act).__name__}, not an Act"
    if not isinstance(act.frames, tuple) or not all(is_text(frame) for frame in act.frames):
        return "its frames are not a tuple of texts"
    if not callable(act.send) or not (act.cut is None or callable(act.cut)):
        return "it cannot be sent or cut"
    for name in ("deadline", "cut_within"):
        if not (_is_number(getattr(act, name)) and 0 < getattr(act, name) <= LONGEST_ACT):
            return f"its {name} is {shown(getattr(act, name))}, not a time in s"
    return ""


def believed(outcome: Any, effects: Iterable[Effect]) -> Outcome:
    """Return the outcome if it can be true, else an unknown one that says why and keeps what was claimed."""
    fault = _fault_in_outcome(outcome, effects)
    if not fault:
        return outcome  # type: ignore[no-any-return]
    message = f"the driver's report cannot be believed: {fault}"
    return Outcome("unknown", evidence={"claimed": shown(outcome)}, message=message)


def _fault_in_outcome(outcome: Any, effects: Iterable[Effect]) -> str:
    if not isinstance(outcome, Outcome):
        return f"it is {type(outcome).__name__}, not an Outcome"
    if outcome.status not in STATUSES:
        return f"there is no status {shown(outcome.status)}"
    if not isinstance(outcome.evidence, Mapping) or not isinstance(outcome.message, str):
        return "its evidence is no mapping or its message no text"
    if outcome.amount is not None and not isinstance(outcome.amount, Interval):
        return f"its amount is {shown(outcome.amount)}, not an interval in mL"
    asked = max((effect.volume.high for effect in effects if isinstance(effect, Transfer)), default=None)
    if outcome.amount is not None and asked is not None:
        return _fault_in_amount(outcome.amount, outcome.status, asked)
    return ""


def _fault_in_amount(amount: Interval, status: str, asked: float) -> str:
    if amount.high < 0:
        return f"it delivered {amount.high:g} mL, less than nothing"
    if status == "not_started" and amount.high > 0:
        return f"it was not started and delivered {amount.mid:g} mL"
    if amount.low > asked * OVERSHOOT or amount.high > max(MOST_ML, asked):
        return f"it delivered {amount.mid:g} mL where {asked:g} mL were asked for"
    return ""


def fault_in_reading(value: Any, returns: Any, unit: str | None) -> str:
    """Say why a driver's answer to a read cannot be used, "" if it can.

    `returns` is the type that the capability declares, `unit` what the value must be convertible to; None: nobody says.
    """
    kinds = _kinds(returns)
    if kinds and not isinstance(value, kinds):
        return f"returned {type(value).__name__}, not {' or '.join(kind.__name__ for kind in kinds)}"
    if isinstance(value, Reading):
        return _fault_in_reading(value) or _wrong_unit(value.value, unit)
    if isinstance(value, Picture):
        return _fault_in_picture(value)
    if isinstance(value, Quantity):
        return _wrong_unit(value, unit)
    return f"returned {value}" if isinstance(value, float) and not isfinite(value) else ""


def _kinds(returns: Any) -> tuple[type, ...]:
    """Return the classes that a value of a declared type is one of; none where that cannot be looked at."""
    choices = get_args(returns) if get_origin(returns) in (Union, UnionType) else (returns,)
    kinds = tuple(get_origin(one) or one for one in choices)
    known = all(isinstance(kind, type) and kind is not Any and not is_typeddict(kind) for kind in kinds)
    return kinds if known and not any(getattr(kind, "_is_protocol", False) for kind in kinds) else ()


def _fault_in_reading(reading: Reading) -> str:
    if not isinstance(reading.value, Quantity):
        return f"measured {shown(reading.value)}, not a quantity"
    if not _is_number(reading.uncertainty) or not 0 <= reading.uncertainty < inf:
        return f"gave an uncertainty of {shown(reading.uncertainty)}"
    if not isfinite(abs(reading.value.value) + reading.uncertainty):
        return f"measured {reading.value}, which is no finite interval"
    return ""


def _fault_in_picture(picture: Picture) -> str:
    shape = picture.shape
    if not isinstance(picture.data, bytes) or not is_text(picture.media_type):
        return "returned a picture without bytes or type"
    if not (isinstance(shape, tuple) and len(shape) == 2 and all(type(n) is int and n > 0 for n in shape)):
        return f"returned a picture of shape {shown(shape)}"
    return "" if isinstance(picture.settings, Mapping) else "returned a picture whose settings are no mapping"


def _wrong_unit(value: Quantity, unit: str | None) -> str:
    try:
        if unit is not None:
            value.in_(unit)
    except UnitError:
        return f"answered {value}, which cannot be written in {unit or 'a plain number'}"
    return ""


def fault_in_identity(identity: Any) -> str:
    """Say why this does not tell who answered, "" if it does."""
    name, serial = getattr(identity, "name", None), getattr(identity, "serial", None)
    if not (is_text(name) and is_text(serial) and isinstance(getattr(identity, "detail", None), Mapping)):
        return f"said {shown(identity)} when asked who it is"
    return "" if name else "has no name"


# ------------------------------------------------------------------------------------------------ words
def is_text(value: Any) -> bool:
    """Say whether this is a text that a journal can hold."""
    return isinstance(value, str) and clean(value) == value


def clean(text: str) -> str:
    """Return a text with what is no Unicode replaced (half a surrogate pair, from bytes that were decoded carelessly)."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def shown(value: Any) -> str:
    """Return a short description of anything; it never raises."""
    try:
        return clean(repr(value))[:200]
    except Exception:  # the value is a plugin's, and so is its repr
        return f"a {type(value).__name__} that cannot be shown"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
