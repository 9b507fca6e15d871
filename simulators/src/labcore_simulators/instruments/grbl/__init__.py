"""A GRBL 1.1h controller: bytes in, bytes out, and a machine that it moves."""

from .controller import Controller
from .drive import Machine
from .settings import Settings

__all__ = ["Controller", "Machine", "Settings"]
