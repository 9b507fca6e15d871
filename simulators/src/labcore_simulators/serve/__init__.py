"""Simulated devices of a lab file, served in real time to other processes: serial lines over TCP, cameras over HTTP."""

from .serving import Served, serve

__all__ = ["Served", "serve"]
