"""The part of `reduce` about control: who asked for what, which devices are there and whose stop is settled. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labcore.model import event as ev
from labcore.model.event import Event
from labcore.state.run_state import RunState, evolve


def _control(state: RunState, event: Event, body: ev.ControlAsked) -> RunState:
    match body.what:
        case "pause" if state.status == "running" or (state.status == "pausing" and body.now):
            return evolve(state, status="pausing", reason=body.why, pause_now=body.now)
        case "resume" if state.status in ("pausing", "paused"):
            live = {key: evolve(one, waiting_from=event.at) for key, one in state.live.items()}
            return evolve(state, status="running", live=live, reason="", pause_now=False)
        case "stop" if state.status in ("running", "pausing", "paused"):
            return evolve(
                state,
                status="stopping",
                reason=body.why or f"stopped by {body.by}",
                stopped_at=event.at,
                stopped_by=body.by,
                halted=frozenset(),
            )
        case "abort" if state.status != "aborting":
            return evolve(
                state,
                status="aborting",
                reason=body.why or f"aborted by {body.by}",
                stopped_at=event.at,
                halted=frozenset(),
            )
        case "estop":
            reason = f"emergency stop by {body.by}" + (f": {body.why}" if body.why else "")
            return evolve(state, status="aborting", reason=reason, stopped_at=event.at, halted=frozenset())
    return state


def _connected(state: RunState, event: Event, body: ev.DeviceConnected) -> RunState:
    """Take note of a device that answered, for the first time or again after it was lost."""
    device = event.device or ""
    return evolve(state, connected=state.connected | {device}, lost=state.lost - {device})


def _lost(state: RunState, event: Event, body: ev.DeviceLost) -> RunState:
    return evolve(state, lost=state.lost | {event.device or ""})


def _paused(state: RunState, event: Event, body: ev.Paused) -> RunState:
    return evolve(state, status="paused", reason=body.reason)


REDUCE_CONTROL: Mapping[str, Callable[[RunState, Event, Any], RunState]] = {
    "control_asked": _control,
    "paused": _paused,
    "device_connected": _connected,
    "device_lost": _lost,
}
