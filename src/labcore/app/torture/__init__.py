"""The public crash test: kill a real process at every boundary, recover, finish, and count in the world's own record."""

from __future__ import annotations

from labcore.app.torture.campaign import Report, Wanted, torture
from labcore.app.torture.point import Point, Trial, parse_point, parse_trial
from labcore.app.torture.trial import Result

__all__ = ["Point", "Report", "Result", "Trial", "Wanted", "parse_point", "parse_trial", "torture"]
