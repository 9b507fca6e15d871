"""Find protocol and lab files, and the text of protocols that others call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from labcore.errors import UsageError

BUILT_IN = "built-in simulated bench"


@dataclass(frozen=True, slots=True)
class Texts:
    """A protocol and a lab as text, with the names to show for them."""

    protocol: str
    protocol_file: str
    lab: str
    lab_file: str
    folder: Path


def find_texts(protocol: str | Path, lab: str | Path | None = None) -> Texts:
    """Read the files; without a lab take `lab.yaml` beside the protocol, else the built-in simulated bench."""
    path = Path(protocol)
    text = read_text(path, "protocol")
    beside = path.parent / "lab.yaml"
    if lab is not None:
        return Texts(text, str(path), read_text(Path(lab), "lab"), str(lab), path.parent)
    if beside.exists():
        return Texts(text, str(path), read_text(beside, "lab"), str(beside), path.parent)
    return Texts(text, str(path), built_in_lab(), BUILT_IN, path.parent)


def built_in_lab() -> str:
    """Return the text of the bench that comes with labcore."""
    return files("labcore.app").joinpath("bench.yaml").read_text(encoding="utf-8")


def read_text(path: Path, what: str) -> str:
    """Return a file's text; UsageError with the reason if it cannot be read."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(
            f"there is no {what} file {path}", remedy="Check the name, or write one with `labcore init`."
        ) from None
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(
            f"{what} file {path} cannot be read: {why}", remedy="Name a file that you may read."
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 text (byte {error.start})", remedy="Save it as UTF-8 in your editor."
        ) from None


def reader_beside(folder: Path) -> Callable[[str], str]:
    """Return a function that reads protocols beside `folder` and nowhere else."""

    def read(name: str) -> str:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise ValueError("only files beside the protocol may be called")
        return path.read_bytes().decode("utf-8-sig")

    return read
