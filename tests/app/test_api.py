"""The Python API, as a script and as a Jupyter cell use it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

import labcore
from labcore.errors import DecisionNeeded, ProblemsFound, UsageError

ROOT = Path(__file__).parents[2]
PROTOCOL = """
labcore: 1
name: small
materials: {acetone: {}}
vessels: {reactor: {labware: vial-50ml}}
devices: {dispenser: [dosing], mover: [placing], stirrer: [stirring]}
steps:
  - place_vial: {vessel: reactor, onto: stirrer}
  - dispense: {material: acetone, into: reactor, volume: 5 mL}
  - stir: {vessel: reactor, speed: 300 rpm}
  - measure: {what: speed, of: stirrer}
    every: 10 s
    times: 3
"""


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LABCORE_STATE", str(tmp_path / "state"))


@pytest.fixture
def protocol(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(PROTOCOL, encoding="utf-8")
    return path


def test_check_plan_simulate_open(protocol: Path, tmp_path: Path) -> None:
    checked = labcore.check(protocol)
    assert checked.ok
    assert "ready" in checked._repr_html_()
    assert labcore.plan(protocol).name == "small"
    run = labcore.simulate(protocol, seed=3, data=tmp_path)
    assert run.word == "done"
    assert len(run.observations("speed", "stirrer")) == 3
    again = labcore.open_run("last", data=tmp_path)
    assert again.id == run.id
    assert [e.kind for e in again.events()] == [e.kind for e in run.events()]
    assert "reactor" in again._repr_html_()


def test_the_synchronous_calls_work_in_a_cell_that_has_a_running_loop(protocol: Path, tmp_path: Path) -> None:
    async def cell() -> str:
        return labcore.simulate(protocol, data=tmp_path).word

    assert asyncio.run(cell()) == "done"


def test_the_asynchronous_calls_leave_the_loop_free(protocol: Path, tmp_path: Path) -> None:
    async def cell() -> tuple[str, int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.01)

        async with asyncio.TaskGroup() as group:
            task = group.create_task(tick())
            run = await labcore.simulate_async(protocol, data=tmp_path)
            task.cancel()
        return run.word, ticks

    word, ticks = asyncio.run(cell())
    assert word == "done"
    assert ticks > 3


def test_errors_carry_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("labcore: 1\nname: n\nsteps:\n - wait: 5\n - wiat: 5 s\n", encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        labcore.simulate(path, data=tmp_path)
    assert len(found.value.problems) == 2
    assert not (tmp_path / "runs").exists()


def test_a_lab_is_read_or_its_problems_are_raised(tmp_path: Path) -> None:
    lab = labcore.load_lab(ROOT / "protocols" / "polyamic_acid" / "robot.yaml")
    assert set(lab.devices) == {"dispenser", "mover", "stirrer", "camera"}
    path = tmp_path / "lab.yaml"
    path.write_text("lab: x\ndevises: {}\n", encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        labcore.load_lab(path)
    assert ["devises" in problem.message for problem in found.value.problems] == [True]
    with pytest.raises(UsageError, match="no lab file"):
        labcore.load_lab(tmp_path / "none.yaml")


def test_a_wrong_speed_is_refused(protocol: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="more than 0"):
        labcore.simulate(protocol, speed=0, data=tmp_path)


def test_real_runs_remember_where_things_stand(protocol: Path, tmp_path: Path) -> None:
    """In-process simulators in real time: the lab's state outlives the run, and so does their world."""
    from labcore.app.lab_state import bench_for, recall, reset

    first = labcore.run(protocol, speed=200, data=tmp_path)
    assert first.word == "done"
    plan = labcore.plan(protocol)
    remembered = recall(plan.lab.lab)
    assert remembered is not None
    assert remembered.run_id == first.id
    bench, _ = bench_for(plan)
    reactor = next(one for one in bench if one.vessel == "reactor")
    assert reactor.place == "stirrer"
    assert reactor.contents["acetone"].contains(5.0)
    reset(plan.lab.lab)
    assert recall(plan.lab.lab) is None


def test_a_real_run_is_checked_against_what_the_lab_remembers(protocol: Path, tmp_path: Path) -> None:
    """The lab file says that the reactor is empty; the last run left 30 mL in it."""
    protocol.write_text(PROTOCOL.replace("5 mL", "30 mL"), encoding="utf-8")
    assert labcore.run(protocol, speed=200, data=tmp_path).word == "done"
    with pytest.raises(ProblemsFound) as found:
        labcore.run(protocol, speed=200, data=tmp_path)
    assert [problem.code for problem in found.value.problems] == ["E601"]
    assert labcore.simulate(protocol, data=tmp_path).word == "done"  # a simulation begins with the lab file


def test_what_ended_a_task_is_raised_as_it_is_and_several_are_raised_together() -> None:
    from labcore.app.api import _beside_any_loop

    alone, other = DecisionNeeded("look"), ValueError("x")

    def fails(error: Exception) -> Any:
        def job() -> None:
            raise error

        return job

    for wrapped in (alone, ExceptionGroup("a", [alone]), ExceptionGroup("a", [ExceptionGroup("b", [alone])])):
        with pytest.raises(DecisionNeeded) as caught:
            _beside_any_loop(fails(wrapped))
        assert caught.value is alone
    both = ExceptionGroup("both", [alone, other])
    with pytest.raises(ExceptionGroup) as together:
        _beside_any_loop(fails(ExceptionGroup("a", [both])))
    assert together.value is both
