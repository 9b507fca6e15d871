"""JSON Schema (2020-12) of protocols and labs, from the models and the installed plugins: what editors complete and check."""

from __future__ import annotations

from labcore.pipeline.json_schema.lab import lab_schema
from labcore.pipeline.json_schema.protocol import protocol_schema

__all__ = ["lab_schema", "protocol_schema"]
