"""What kind of failure a step met with: a small closed set, told from what really happened. Pure."""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "unknown": "an act ended and nobody knows how: no answer in time, a cable pulled, a report that cannot be true",
    "partly": "an act was done in part",
    "lost": "the device is gone: its connection broke, or it was not found again",
    "refused": "the device answered that it will not or cannot",
    "timeout": "the step's `timeout` was over, or nobody answered a question that moves nothing",
    "limit": "a value was outside a limit; nothing was sent",
    "required": "`require` did not hold",
    "undecided": "a condition could not be decided in time",
    "unreached": "`times` or `for` ran out before `until` held",
    "impossible": "what the step needs is not there: a full vessel, an occupied place, a value beyond its bounds",
    "bug": "a plugin (driver or verb) broke its contract",
}
OTHERWISE = "otherwise"
NOT_REPEATED = ("unknown", "partly")  # the world has changed: only a repeatable step is done again

_BY_CODE: Mapping[str, str] = {
    "E805": "undecided", "E806": "required", "E807": "unreached", "E808": "timeout", "E908": "refused", "E909": "partly",
    "E910": "unknown", "E911": "bug", "E921": "lost", "E922": "lost", "E923": "limit", "E924": "timeout", "E925": "bug",
}  # fmt: skip


def kinds_of(code: str, acted: str) -> tuple[str, ...]:
    """Return the kinds of a failure, the gravest first: what became of its acts (`acted`), then what its code says."""
    by_code = _BY_CODE.get(code, "impossible" if code else "")
    of_acts = acted if acted in NOT_REPEATED else "unknown" if code == "E922" else ""
    return tuple(dict.fromkeys(kind for kind in (of_acts, by_code) if kind))
