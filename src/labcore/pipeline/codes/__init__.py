"""Every problem code with its meaning. Codes are stable: they are neither renamed nor used for something else.

The first letter is the severity, the first digit the family. Codes that only a run can end in stand here too.
"""

from __future__ import annotations

from labcore.pipeline.codes.bench import CODES as BENCH
from labcore.pipeline.codes.code import FAMILIES, Code, severity_of
from labcore.pipeline.codes.flow import CODES as FLOW
from labcore.pipeline.codes.names import CODES as NAMES
from labcore.pipeline.codes.syntax import CODES as SYNTAX
from labcore.pipeline.codes.values import CODES as VALUES

__all__ = ["CODES", "FAMILIES", "Code", "severity_of"]

CODES: dict[str, Code] = {code.code: code for code in (*SYNTAX, *NAMES, *VALUES, *BENCH, *FLOW)}
