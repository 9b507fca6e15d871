"""Events as JSON and back, strictly: an unknown kind or a field that does not fit is an error, never dropped."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from labcore.errors import InternalError
from labcore.model.event import Body, Event

_CLASSES: dict[str, type[Body]] = {one.__dataclass_fields__["kind"].default: one for one in get_args(Body)}
EVENT_KINDS: tuple[str, ...] = tuple(sorted(_CLASSES))


@cache
def _adapter(kind: str) -> TypeAdapter[Body]:
    """Return what writes and reads one kind: at half the cost of one for all, and made for kinds that occur."""
    return TypeAdapter(_CLASSES[kind])


def encode_body(body: Body) -> bytes:
    """Return a body as compact JSON."""
    return _adapter(body.kind).serializer.to_json(body)


def decode_body(data: bytes | str, kind: str) -> Body:
    """Return the body of a kind; InternalError if it is not one this version knows."""
    if kind not in _CLASSES:
        raise InternalError(f"this version of labcore knows no kind {kind!r}")
    try:
        return _adapter(kind).validator.validate_json(data)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise InternalError(
            f"this version of labcore cannot read it as {kind}: {error.errors()[0]['msg']}"
        ) from error


def as_dict(event: Event) -> dict[str, Any]:
    """Return an event as plain data, in the order in which people read it."""
    data = json.loads(encode_body(event.body))
    kind = data.pop("kind")
    return {
        "position": event.position,
        "at": event.at,
        "wall": event.wall,
        "kind": kind,
        "step": event.step,
        "device": event.device,
        "source": event.source,
        "data": data,
    }


def as_line(event: Event) -> str:
    """Return an event as one line of JSON."""
    return json.dumps(as_dict(event), ensure_ascii=False, separators=(",", ":"))


def from_dict(data: dict[str, Any]) -> Event:
    """Return the event that `as_dict` wrote; InternalError if this version does not know it."""
    body = decode_body(json.dumps({**data["data"], "kind": data["kind"]}), data["kind"])
    return Event(
        data["position"], data["at"], data["wall"], data["source"], body, data["step"], data["device"]
    )
