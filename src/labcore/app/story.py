"""What is known of an interrupted run, in words and as data, before anything is touched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from labcore.app.interrupted import Interrupted
from labcore.app.run_lock import is_held
from labcore.state.open_acts import OpenAct, labels_of, open_acts
from labcore.state.run_state import BLOCKS
from labcore.state.settling import only_sets_outputs, possible_ends


def undecided(run: Interrupted) -> list[OpenAct]:
    """Return the acts that somebody has to settle; those that only set an output are made safe and need nobody."""
    acts = open_acts(run.events, run.state.intents)
    return [one for one in acts if not only_sets_outputs(one.intent)]


def steps_under_way(run: Interrupted) -> dict[str, str]:
    """Return the steps that were under way, as {key: label}."""
    labels = labels_of(run.events)
    going = [key for key, live in run.state.live.items() if live.verb not in BLOCKS]
    return {key: labels[key] for key in going}


def headline(run: Interrupted) -> str:
    """Return one sentence: when, during what, and whether an act's end is unknown."""
    during = ", ".join(label for label in steps_under_way(run).values() if label) or "no step"
    text = f"run {run.folder.name} was interrupted at {run.events[-1].wall} during: {during}"
    acts = undecided(run)
    if acts:
        what = ", ".join(f"{one.device} {one.intent.method}" for one in acts)
        text += f"; nobody knows what became of {len(acts)} act(s): {what}"
    return text


def story(run: Interrupted) -> list[str]:
    """Return what happened and what is open, for people."""
    lines = [headline(run)]
    on = [
        f"{device} {output} at {one.value:g} {one.unit}"
        for (device, output), one in run.state.outputs.items()
    ]
    if on:
        lines.append(f"was on, if no watchdog has fired: {', '.join(on)}")
    lines += [f"open question {name}: {asked.text}" for name, asked in run.state.questions.items()]
    lines += [f"{act.intent.act}: {act.question()}" for act in undecided(run)]
    lines.append(
        "recovery connects, switches heat, flow and motion off, and moves nothing else before all is settled"
    )
    return lines


def as_data(run: Interrupted) -> dict[str, Any]:
    """Return the same for machines; `state` is how it goes on while a process holds the run, else "interrupted"."""
    held = is_held(run.folder)
    acts = [
        {
            "act": one.intent.act, "step": one.step, "label": one.label, "device": one.device, "method": one.intent.method,
            "arguments": one.intent.arguments, "frames": list(one.intent.frames), "intended": one.wall,
            "ends": list(possible_ends(one.intent)),
        }
        for one in undecided(run)
    ]  # fmt: skip
    return {
        "id": run.folder.name, "state": run.state.status if held else "interrupted",
        "last_sign_of_life": run.events[-1].wall, "at": run.state.at,
        "before": run.state.before if run.state.status == "recovering" else run.state.status,
        "steps": steps_under_way(run), "unsettled": acts, "questions": sorted(run.state.questions),
        "outputs": [{"device": d, "output": o, "value": one.value, "unit": one.unit} for (d, o), one in run.state.outputs.items()],
        "recoveries": run.state.recoveries,
        "next": f"labcore {'show' if held else 'recover'} {run.folder.name}",
    }  # fmt: skip


def broken_off(before: Interrupted, now: Interrupted) -> str:
    """Return what a recovery that was broken off has made safe, and that the run is as interrupted as it was."""
    on, still = before.state.outputs.keys(), now.state.outputs.keys()
    if now.state.recoveries == before.state.recoveries:
        made = "nothing was touched"
    elif still:
        made = f"may still be on: {_names(still)}"
    else:
        made = f"switched off: {_names(on)}" if on else "heat, flow and motion are off"
    return f"run {now.folder.name} is still interrupted; {made}; nothing else was moved"


def _names(outputs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{device} {output}" for device, output in outputs)
