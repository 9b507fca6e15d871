"""Errors as messages and exit codes.

0 done, 1 problems found, 2 wrong usage, 3 stopped by a person, 4 failed, 5 needs a decision;
130 broken off with Ctrl-C, the run as interrupted as it was.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback

from labcore.errors import AuthorError, DecisionNeeded, LabcoreError, ProblemsFound, UsageError
from labcore.model.quantity import QuantityError

DONE, PROBLEMS, USAGE, STOPPED, FAILED, DECISION = range(6)
BROKEN_OFF = 130  # as shells say it
OUTCOMES = {"done": DONE, "stopped": STOPPED, "aborted": STOPPED, "failed": FAILED}


def report(error: Exception) -> int:
    """Print what a person needs to know and return the exit code."""
    while isinstance(error, ExceptionGroup):  # a task group's way to say that one of its tasks failed
        error = error.exceptions[0]
    if isinstance(error, ProblemsFound):
        for problem in error.problems:
            print(problem.text(None), file=sys.stderr)
        return PROBLEMS
    if isinstance(error, LabcoreError):
        print(f"labcore: {error}", file=sys.stderr)
        return _code(error)
    if isinstance(error, QuantityError | OSError):
        print(f"labcore: {_of_the_system(error) if isinstance(error, OSError) else error}", file=sys.stderr)
        return USAGE
    if os.environ.get("LABCORE_DEBUG"):
        traceback.print_exc()
    else:
        print(f"labcore: this is a bug in labcore: {type(error).__name__}: {error}", file=sys.stderr)
        print("Run again with LABCORE_DEBUG=1 for the details, and report them.", file=sys.stderr)
    return FAILED


def _of_the_system(error: OSError) -> str:
    """Say which file or folder could not be used, what is kept there, and what to do."""
    if error.errno == errno.ENOSPC:
        where = (
            f"{error.filename}: " if error.filename else "what a run needs (LABCORE_DATA, LABCORE_STATE): "
        )
        return f"{where}the disk is full. Free space there, or name another folder."
    if not error.filename:
        return str(error)
    from labcore.app.places import state_folder

    name, why = str(error.filename), error.strerror or str(error)
    if name.startswith(str(state_folder())):
        kept = "what belongs to labs and devices (what stands where, locks) is kept there"
        return f"{name}: {why}; {kept}. Name a folder that you may write to: LABCORE_STATE."
    return f"{name}: {why}. Name a file or folder that exists and that you may use."


def _code(error: LabcoreError) -> int:
    if isinstance(error, UsageError):
        return USAGE
    if isinstance(error, DecisionNeeded):
        return DECISION
    return PROBLEMS if isinstance(error, AuthorError) else FAILED
