"""The driver over the simulated bench's camera: the same pictures in every run."""

from __future__ import annotations

from labcore.adapters.loop import run_virtual
from labcore.capabilities.act import Spot
from labcore.model.observation import Picture
from labcore.plugin.driver import Site
from labcore.ports import Workers
from labcore.wire.sim_frames import SimFrames
from labcore_camera.driver import OpencvCamera
from labcore_camera.options import CameraOptions
from labcore_simulators.instruments.camera import Camera
from labcore_simulators.world import World

LAB = {
    "lab": "Camera bench",
    "positions": {"stirrer": {"seen_by": "camera"}},
    "vessels": {"reactor": {"at": "stirrer", "labware": "vial-50ml", "empty": True}},
}


def pictures(workers: Workers, seed: int) -> list[Picture]:
    """Take three pictures of a fresh bench in virtual time."""

    async def main() -> list[Picture]:
        world = World.from_lab(LAB, seed=seed)
        simulated = Camera(world, device="camera", options={}, lab=LAB, seed=seed)
        source = SimFrames(simulated, name="sim://camera", workers=workers)
        camera = OpencvCamera(Site("camera", True, frames=source, workers=workers), CameraOptions())
        await camera.connect()
        return [await camera.capture(Spot("reactor", "stirrer")) for _ in range(3)]

    return run_virtual(main)


def test_one_seed_gives_equal_bytes_and_live_pictures(workers: Workers) -> None:
    first, again, other = pictures(workers, 3), pictures(workers, 3), pictures(workers, 4)
    assert [picture.data for picture in first] == [picture.data for picture in again]
    assert first[0].data != other[0].data
    assert [picture.shape for picture in first] == [(480, 640)] * 3
    assert len({picture.data for picture in first}) == 3
    assert [picture.settings["flags"] for picture in first] == ["", "", ""]
