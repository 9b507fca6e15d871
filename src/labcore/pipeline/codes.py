"""Every problem code of labcore: the source of the reference page. Plugins document codes of their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from labcore.pipeline.code_info import FAMILIES, CodeInfo
from labcore.pipeline.codes_bench import BENCH_CODES
from labcore.pipeline.codes_language import LANGUAGE_CODES

__all__ = ["CODES", "FAMILIES", "CodeInfo"]

CODES: Mapping[str, CodeInfo] = MappingProxyType({**LANGUAGE_CODES, **BENCH_CODES})
