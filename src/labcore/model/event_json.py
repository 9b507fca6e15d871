"""Events as JSON and back, strictly: an unknown kind or a field that does not fit is an error, never dropped."""

from __future__ import annotations

import json
from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter, ValidationError

from labcore.errors import InternalError
from labcore.model.event import Body, Event

EVENT_KINDS: tuple[str, ...] = tuple(
    sorted(one.__dataclass_fields__["kind"].default for one in get_args(Body))
)

_BODY: TypeAdapter[Body] = TypeAdapter(Annotated[Body, Field(discriminator="kind")])


def encode_body(body: Body) -> bytes:
    """Return a body as compact JSON."""
    return _BODY.dump_json(body)


def decode_body(data: bytes | str) -> Body:
    """Return the body; InternalError if it is not one this version knows."""
    try:
        return _BODY.validate_json(data)
    except ValidationError as error:
        raise InternalError(
            f"the journal holds an event this version cannot read: {error.errors()[0]['msg']}"
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
    body = decode_body(json.dumps({**data["data"], "kind": data["kind"]}))
    return Event(
        data["position"], data["at"], data["wall"], data["source"], body, data["step"], data["device"]
    )
