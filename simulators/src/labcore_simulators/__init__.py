"""Instruments that speak their real wire protocols, and the simulated bench they share. Imports nothing of labcore."""

__version__ = "0.1.0"
__all__ = ["__version__"]
