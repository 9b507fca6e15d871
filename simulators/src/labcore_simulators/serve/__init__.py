"""A lab's simulated devices in real time for other processes: serial lines over TCP, cameras over HTTP."""

from .serving import Served, serve

__all__ = ["Served", "serve"]
