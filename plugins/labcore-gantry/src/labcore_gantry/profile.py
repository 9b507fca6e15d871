"""A command profile: everything that differs between motion firmwares, as validated data."""

from __future__ import annotations

import math
import re
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from labcore.errors import AuthorError
from labcore.ports import LineSettings


def _regex(*groups: str) -> AfterValidator:
    def check(text: str) -> str:
        try:
            found = re.compile(text).groupindex
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        missing = [group for group in groups if group not in found]
        if missing:
            raise ValueError(f"the expression lacks the named group(s) {', '.join(missing)}")
        return text

    return AfterValidator(check)


def _template(*names: str) -> AfterValidator:
    def check(text: str) -> str:
        used = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
        if used != set(names):
            raise ValueError(
                f"the template must use exactly {{{'}, {'.join(names)}}}, it uses {sorted(used)}"
            )
        text.format(**dict.fromkeys(names, 0.0))
        return text

    return AfterValidator(check)


def _ordered(pair: tuple[float, float]) -> tuple[float, float]:
    if not (math.isfinite(pair[0]) and math.isfinite(pair[1]) and pair[0] < pair[1]):
        raise ValueError("write [lowest, highest]")
    return pair


Range = Annotated[tuple[float, float], AfterValidator(_ordered)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Bytes = Annotated[str, AfterValidator(lambda text: text.encode("latin-1") and text)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Part):
    """Serial settings."""

    baud: int
    bytesize: int = 8
    parity: str = "N"
    stopbits: int = 1


class Replies(_Part):
    """How answers look; each is a regular expression searched in one line."""

    ok: Annotated[str, _regex()]
    error: Annotated[str, _regex("code")]
    alarm: Annotated[str, _regex("code")]
    banner: Annotated[str, _regex()]


class Status(_Part):
    """How to ask where the machine is and what it does. `query` is sent as it is, at any time."""

    query: Bytes
    pattern: Annotated[str, _regex("state", "x", "y", "z")]
    offset: Annotated[str, _regex("x", "y", "z")] | None = None
    idle: tuple[str, ...]
    held: tuple[str, ...] = ()
    alarm: tuple[str, ...] = ()
    poll_s: Positive = 0.1
    poll_longest_s: Positive = 1.0


class Commands(_Part):
    """Lines to send; templates name their quantities (mm, mm/min)."""

    setup: tuple[str, ...] = ()
    home: tuple[str, ...]
    travel: Annotated[str, _template("x", "y")]
    plunger: Annotated[str, _template("z", "feed")]
    head_down: tuple[str, ...]
    head_up: tuple[str, ...]
    grip: tuple[str, ...] = ()
    release: tuple[str, ...] = ()


class Stop(_Part):
    """Bytes that break in at any time."""

    hold: Bytes
    reset: Bytes
    reset_releases_gripper: bool = True


class Area(_Part):
    """Where the head may go."""

    x_mm: Range
    y_mm: Range


class Plunger(_Part):
    """The syringe axis: `stroke_mm` from empty is one full syringe."""

    empty_mm: float = 0.0
    stroke_mm: Positive
    feed_mm_per_min: Positive
    feed_max_mm_per_min: Positive
    tolerance_mm: Positive = 0.05


class Timing(_Part):
    """How long things take; from these come deadlines and planned durations."""

    travel_mm_per_min: Positive
    head_s: Seconds
    grip_s: Seconds
    home_s: Seconds
    reply_s: Positive = 3.0


class Profile(_Part):
    """One firmware and its wiring. `verified_on` names the machine it was tried on, null if none."""

    name: str
    title: str
    firmware: str
    verified_on: str | None
    line: Line
    send_end: str = "\n"
    receive_end: Annotated[str, Field(min_length=1)] = "\n"
    strip: str = "\r"
    min_gap_s: Seconds = 0.0
    start_up_s: Positive = 4.0
    replies: Replies
    identify: str = ""
    identity: Annotated[str, _regex("name")] = "^(?P<name>.*)$"
    status: Status
    commands: Commands
    stop: Stop
    area: Area
    plunger: Plunger
    timing: Timing
    errors: dict[str, str] = Field(default_factory=dict)
    alarms: dict[str, str] = Field(default_factory=dict)

    @property
    def line_settings(self) -> LineSettings:
        """The serial settings as the link wants them."""
        line = self.line
        return LineSettings(line.baud, line.bytesize, line.parity, line.stopbits)


_LOADER = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # ten times as fast where PyYAML was built with libyaml


def profile_names() -> tuple[str, ...]:
    """Return the profiles that come with this driver."""
    folder = files("labcore_gantry") / "profiles"
    return tuple(
        sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))
    )


def load_profile(name: str) -> Profile:
    """Read a profile by its name or, if it ends in ".yaml", from that file.

    AuthorError if there is none (naming the ones that come along) or if it is faulty (with the place of every fault).
    """
    if name.endswith(".yaml"):
        try:
            return read_profile(Path(name).read_text("utf-8"), name)
        except (OSError, UnicodeDecodeError) as error:
            raise AuthorError(f"The gantry profile {name} cannot be read: {error}.") from error
    names = profile_names()
    if name not in names:
        raise AuthorError(
            f"There is no gantry profile {name!r}.",
            remedy=f"There are: {', '.join(names)}; or give the path of a file that ends in .yaml.",
        )
    return read_profile((files("labcore_gantry") / "profiles" / f"{name}.yaml").read_text("utf-8"), name)


def read_profile(text: str, where: str) -> Profile:
    """Validate a profile's text. AuthorError with the place of every fault."""
    try:
        data = yaml.load(text, _LOADER)
        for table in ("errors", "alarms"):
            if isinstance(data, dict) and isinstance(data.get(table), dict):
                data[table] = {str(code): meaning for code, meaning in data[table].items()}
        return Profile.model_validate(data)
    except yaml.YAMLError as error:
        raise AuthorError(f"The gantry profile {where} is not YAML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise AuthorError(f"The gantry profile {where} is wrong: {faults}.") from error
