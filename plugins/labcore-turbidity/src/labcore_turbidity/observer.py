"""The observer: looks at every picture of a vessel and says how turbid its liquid is.

It keeps what the first clear picture of a vessel told (glass, place, light) and reads later ones against it, until the
vessel is moved. Numpy and OpenCV are loaded when the first picture comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labcore.model.effect import Placement
from labcore.model.event import Event, ImageTaken, Observed, Settled, VesselStated
from labcore.model.labware import CATALOGUE
from labcore.model.observation import Observable
from labcore.plugin.observer import Desk, Observer

if TYPE_CHECKING:
    from labcore_turbidity.reading import Reading, Reference


class Turbidity(Observer):
    """Turbidity from 0 (clear) to 5, on the fixed scale of docs/reference/turbidity.md, with a 90 % interval."""

    observables = (
        Observable("turbidity", "", 0.0, 5.0, "turbidity of the liquid in a vessel", from_images=True),
    )
    limit = 60.0
    kinds = frozenset({"vessel_stated", "settled", "image_taken"})

    def __init__(self) -> None:
        self._references: dict[str, Reference] = {}
        self._on_record: dict[str, ImageTaken] = {}
        self._labware: dict[str, str] = {}

    async def see(self, event: Event, desk: Desk) -> None:
        """Measure a picture; forget the reference of a vessel that was moved."""
        match event.body:
            case VesselStated(vessel, labware):
                self._labware[vessel] = labware
            case Settled(effects=effects):
                for effect in effects:
                    if isinstance(effect, Placement):
                        self._references.pop(effect.vessel, None)
                        self._on_record.pop(effect.vessel, None)
            case ImageTaken():
                await self._look(event, event.body, desk)

    async def _look(self, event: Event, image: ImageTaken, desk: Desk) -> None:
        if recorded := desk.known(event.position):
            self._remember(image, recorded[-1])
            return
        known = await self._reference(image.vessel, desk)
        reading = await self._read(image, known, desk)
        detail = {
            "attenuation_per_cm": reading.attenuation_per_cm,
            "pixels": reading.regions.pixels,
            "reference": known is not None,
        }
        await desk.observe(
            "turbidity", image.vessel, reading.value, low=reading.low, high=reading.high, evidence=(event.position,),
            quality=reading.quality, flags=reading.flags, detail=detail,
        )  # fmt: skip

    def _remember(self, image: ImageTaken, recorded: Observed) -> None:
        """Keep the last picture that was read without a reference: if any became the reference, it is this one."""
        if not recorded.detail.get("reference"):
            self._on_record[image.vessel] = image

    async def _reference(self, vessel: str, desk: Desk) -> Reference | None:
        """Return a vessel's reference, found again in a picture whose reading is on record from before a restart."""
        picture = self._on_record.pop(vessel, None)
        if picture is not None:
            await self._read(picture, None, desk)
        return self._references.get(vessel)

    async def _read(self, image: ImageTaken, known: Reference | None, desk: Desk) -> Reading:
        ware = CATALOGUE.get(self._labware.get(image.vessel, ""))
        diameter = ware.inner_diameter if ware is not None else None
        reading, found = await desk.work(look, desk.record.blob(image.blob), diameter, known)
        if found is not None:
            self._references[image.vessel] = found
        return reading


def look(
    data: bytes, inner_diameter_mm: float | None, reference: Reference | None
) -> tuple[Reading, Reference | None]:
    """Decode a picture and read it; return also what it tells as a reference, if there was none and it is clear.

    A picture that cannot be decoded gives a reading without value.
    """
    import cv2
    import numpy as np

    from labcore_turbidity.judge import measure, reference_from
    from labcore_turbidity.reading import Reading

    cv2.setNumThreads(1)
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return Reading(None, None, None, None, "bad", ("unreadable",)), None
    found = reference_from(picture) if reference is None else None
    return measure(picture, inner_diameter_mm=inner_diameter_mm, reference=reference or found), found
