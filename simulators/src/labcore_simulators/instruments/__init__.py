"""Instruments that speak their real wire, without task, clock or thread."""

from .balance import Balance
from .camera import Camera
from .contract import Bench, Instrument, LineSettings
from .gantry import Gantry
from .ika import IkaRct
from .person import Pending, Person, Reply

__all__ = [
    "Balance",
    "Bench",
    "Camera",
    "Gantry",
    "IkaRct",
    "Instrument",
    "LineSettings",
    "Pending",
    "Person",
    "Reply",
]
