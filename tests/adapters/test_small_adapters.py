"""Blobs, wall clocks, device locks, plugins found by entry points."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from labcore.adapters.device_lock import DeviceLock
from labcore.adapters.entry_points import EntryPointCatalog
from labcore.adapters.file_blobs import FileBlobs
from labcore.adapters.wall_clock import RealWallClock, SimulatedWallClock
from labcore.errors import UsageError


def test_blobs_are_found_by_their_content(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    digest = blobs.put(b"picture")
    assert blobs.put(b"picture") == digest
    assert blobs.get(digest) == b"picture"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [digest]


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", ""])
def test_an_unknown_blob_is_a_key_error(tmp_path: Path, digest: str) -> None:
    with pytest.raises(KeyError):
        FileBlobs(tmp_path).get(digest)


def test_simulated_stamps_follow_the_runs_clock() -> None:
    clock = SimulatedWallClock()
    assert clock.stamp(0) == "2026-01-01T09:00:00.000Z"
    assert clock.stamp(3661.5) == "2026-01-01T10:01:01.500Z"


def test_real_stamps_do_not() -> None:
    assert RealWallClock().stamp(1e9).startswith("2")
    assert RealWallClock().stamp(0)[:10] == RealWallClock().stamp(1e9)[:10]


def test_a_second_process_is_refused_and_told_who_has_the_device(tmp_path: Path) -> None:
    code = f"""
        from pathlib import Path
        from labcore.adapters.device_lock import DeviceLock
        with DeviceLock(Path({str(tmp_path)!r}), "/dev/ttyX", "run-1"):
            print("held", flush=True)
            input()
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(UsageError, match=f"process {holder.pid} .*run-1"),
            DeviceLock(tmp_path, "/dev/ttyX", "run-2"),
        ):
            pass
        with DeviceLock(tmp_path, "/dev/ttyY", "run-2"):
            pass  # another port is free
        holder.kill()
        holder.wait()
        with DeviceLock(tmp_path, "/dev/ttyX", "run-2"):
            pass  # a dead owner's lock is taken over
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()


def test_names_are_listed_without_importing() -> None:
    code = """
        import sys
        from labcore.adapters.entry_points import EntryPointCatalog
        names = EntryPointCatalog().names("verbs")
        assert "dispense" in names and "wait" in names, names
        assert not [m for m in sys.modules if m.startswith("labcore.steps")], "a verb was imported"
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


def test_a_plugin_given_by_hand_is_found() -> None:
    catalog = EntryPointCatalog({("verbs", "sing"): "a verb"})
    assert catalog.load("verbs", "sing") == "a verb"
    assert "sing" in catalog.names("verbs")
    with pytest.raises(KeyError):
        catalog.load("verbs", "dance")
