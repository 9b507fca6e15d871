"""One event as one line for people."""

from __future__ import annotations

from labcore.cli.holdings import holdings
from labcore.cli.plan import clock
from labcore.model import event as ev
from labcore.model.event import Event


def event_text(event: Event) -> str:
    """Return position, time, step, device and what happened."""
    where = " ".join(filter(None, (event.step, event.device)))
    return f"{event.position:>6}  {clock(event.at):>8}  {where:<18} {event.kind:<17} {_what(event)}".rstrip()


def _what(event: Event) -> str:
    body = event.body
    match body:
        case ev.StepStarted():
            return body.label
        case ev.StepEnded():
            return f"{body.outcome}{': ' + body.error if body.error else ''}"
        case ev.Intended():
            return f"{body.method}: {' | '.join(body.frames[:4])}{' ...' if len(body.frames) > 4 else ''}"
        case ev.Settled():
            amount = (
                f" {body.amount.mid:.4g} mL [{body.amount.low:.4g}, {body.amount.high:.4g}]"
                if body.amount
                else ""
            )
            return f"{body.status}{amount}{': ' + body.message if body.message else ''}"
        case ev.Observed():
            value = "no value" if body.value is None else f"{body.value:.4g} {body.unit}".strip()
            between = (
                f" [{body.low:.3g}, {body.high:.3g}]"
                if body.low is not None and body.high is not None
                else ""
            )
            flags = f" ({', '.join(body.flags)})" if body.flags else ""
            return f"{body.observable}({body.subject}) = {value}{between} {body.quality}{flags}, by {body.by}"
        case ev.ConditionTested():
            return f"{body.use} {body.text}: {body.holds}{' (' + body.reason + ')' if body.reason else ''}"
        case ev.Asked():
            return f"{body.question}: {body.text}"
        case ev.Answered():
            return f"{body.question}: {body.value} (by {body.by})"
        case ev.RunEnded():
            return f"{body.outcome} {body.reason}"
        case ev.RunStarted():
            return f"{body.protocol} in {body.lab}"
        case ev.VesselStated():
            return f"{body.vessel} at {body.place or 'unknown place'}: {holdings(body.contents)} ({body.by})"
        case ev.VolumeNarrowed():
            now, before = body.volume, body.before
            cited = ", ".join(f"e{one}" for one in body.evidence)
            return (
                f"{body.vessel} holds {now.low:.4g} to {now.high:.4g} mL, "
                f"no longer {before.low:.4g} to {before.high:.4g} mL, by {body.by} ({cited})"
            )
        case _:
            fields = (
                f"{name}={getattr(body, name)!r}" for name in body.__dataclass_fields__ if name != "kind"
            )
            return ", ".join(fields)
