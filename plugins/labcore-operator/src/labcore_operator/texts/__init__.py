"""The catalogue of texts, one TOML file a language."""

from __future__ import annotations
