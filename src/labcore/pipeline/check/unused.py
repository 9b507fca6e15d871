"""Declared things that nothing uses."""

from __future__ import annotations

from labcore.model.names import normal_name
from labcore.pipeline.check.subject import Subject
from labcore.pipeline.draft import key_place


def check_unused(subject: Subject) -> None:
    """Note parameters, materials, vessels and devices of the protocol that no step uses."""
    if subject.findings.errors:
        return  # what is wrong may be why they seem unused
    draft, shared = subject.resolved.draft, subject.resolved.shared
    looked_up = {name.partition(".")[0] for name in shared.used}
    machines = {device for _, effects in subject.steps() for device in effects.devices}
    used = {
        kind: {name for one, name in shared.named if one == kind}
        for kind in ("vessel", "material", "device", "place")
    }
    checks = (
        ("parameters", "parameter", looked_up),
        ("materials", "material", used["material"] | looked_up),
        ("vessels", "vessel", used["vessel"]),
        ("devices", "device", used["device"] | used["place"] | _by_machine(subject, machines)),
    )
    for section, word, names in checks:
        for name in getattr(draft.header, section):
            if normal_name(name) not in names:
                place = key_place(draft.node, (section, name))
                subject.findings.add("N218", place, f"the {word} {name!r} is declared, and nothing uses it")


def _by_machine(subject: Subject, machines: set[str]) -> set[str]:
    """Return the protocol's device names whose machine some step uses."""
    plan = subject.plan
    return {
        normal_name(name) for name, target in plan.devices.items() if plan.aliases.get(target) in machines
    }
