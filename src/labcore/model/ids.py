"""Keys of running steps. "3" is the third step, "3.2" its second, "4#7" round 7 of step 4, "finally.1" a clean-up step.

"3.2:fallback" are the steps taken instead of "3.2". The key of the whole protocol is the empty string.
"""

from __future__ import annotations

ROOT = ""
FINALLY = "finally"
STAND_IN = ":"


def child(key: str, segment: int | str) -> str:
    """Return the key of a step inside the block `key`."""
    return f"{key}.{segment}" if key else str(segment)


def clean_up(key: str, index: int) -> str:
    """Return the key of a `finally` step of the block `key`."""
    return child(child(key, FINALLY), index)


def round_key(key: str, number: int) -> str:
    """Return the key of a round of the repetition `key`."""
    return f"{key}#{number}"


def stand_in(key: str, name: str) -> str:
    """Return the key of the steps `name` ("fallback", "replace") that are taken because `key` failed."""
    return f"{key}{STAND_IN}{name}"


def split(key: str) -> tuple[str, str]:
    """Return the key of the enclosing block and the last segment ("finally.2" counts as one)."""
    cut = max(key.rfind("."), key.rfind("#"))
    if cut < 0:
        return ROOT, key
    parent, segment = key[:cut], key[cut + 1 :]
    if parent == FINALLY or parent.endswith("." + FINALLY):
        return parent[: -len(FINALLY) - 1] if parent != FINALLY else ROOT, f"{FINALLY}.{segment}"
    return parent, segment


def parent(key: str) -> str:
    """Return the key of the enclosing block."""
    return split(key)[0]


def in_clean_up(key: str) -> bool:
    """Say whether a step belongs to a `finally`."""
    return FINALLY in key.replace("#", ".").split(".")


def ancestors(key: str) -> tuple[str, ...]:
    """Return the enclosing blocks, innermost first, the protocol's own key last."""
    found = []
    while key:
        key = parent(key)
        found.append(key)
    return tuple(found)


def order(key: str) -> tuple[tuple[int, str], ...]:
    """Sort keys in the order of the text: numbers by value, `finally` last."""
    return tuple(
        (int(part), "") if part.isdigit() else (10**9, part) for part in key.replace("#", ".").split(".")
    )
