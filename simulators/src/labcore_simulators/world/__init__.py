"""One simulated bench: vessels, liquids, chemistry, heat, and what a camera sees of them."""

from .bench import World
from .errors import WorldError
from .liquid import Liquid

__all__ = ["Liquid", "World", "WorldError"]
