"""Ask a person for a number or a photograph."""

from __future__ import annotations

from typing import Any

from labcore.capabilities.weighing import Reading
from labcore.errors import DeviceRefused
from labcore.model.event import Asked
from labcore.model.observation import Picture
from labcore.model.quantity import Quantity
from labcore.plugin.driver import Ask
from labcore.ports import Answer
from labcore_operator.answers import Expected, Said, Unclear, understand
from labcore_operator.catalogue import Catalogue, load_words
from labcore_operator.conversation import Conversation
from labcore_operator.options import OperatorOptions
from labcore_operator.photo import read_header

# What people read off: unit, example, and the least half-width (90 %) that is believed of a scale.
MEASURES: dict[str, tuple[str, str, float]] = {
    "mass": ("g", "58.23 g", 0.01),
    "pH": ("", "7.35", 0.05),
    "speed": ("rpm", "300 rpm", 5.0),
    "temperature": ("°C", "23.5 °C", 0.5),
    "volume": ("mL", "19.5 mL", 0.6),  # by eye, on the scale of a vial or beaker
    "length": ("mm", "12 mm", 0.5),
    "turbidity": ("", "2.5", 0.25),
}
UNLISTED = ("", "4.2", 0.0)


class Readings:
    """Ask the person of one device to read things off."""

    def __init__(self, device: str, ask: Ask, options: OperatorOptions) -> None:
        self._texts = Catalogue(options.language)
        self._words = load_words()
        self._limit = options.patience.in_("s")
        self._conversation = Conversation(device, ask, self._texts, options.attempts)

    async def number(self, method: str, words: dict[str, str], what: str, act: dict[str, Any]) -> Reading:
        """Ask for `what`; its uncertainty is the scale's or the last digit's, whichever is more."""
        unit, example, least = MEASURES.get(what, UNLISTED)
        hint = self._texts.say("how.number" if unit else "how.bare_number", example=example)
        text = self._texts.join(self._texts.say(f"act.{method}", **words), hint)
        asked = Asked("", text, "measure", (), hint, unit, {"method": method, "what": what, **act})
        expected = Expected(unit, example, signed=True)

        def read(answer: Answer, before: Answer | None) -> Reading:
            said = understand(answer.value, expected, self._words)
            if said.value is None and said.meaning in ("not_done", "unknown"):
                raise self._declined(answer.by, said)
            if said.value is None or said.low is None:
                raise Unclear("unclear.no_number")
            half = max(least, said.digit, said.value - said.low)
            return Reading(Quantity(said.value, unit), half)

        return await self._conversation.until_clear(asked, read, limit=self._limit)

    def _declined(self, by: str, said: Said) -> DeviceRefused:
        why = self._texts.say(f"result.{said.meaning}", by=by)
        return DeviceRefused(
            f"{self._conversation.device}: {why}. {said.why}".strip(), device=self._conversation.device
        )

    async def photo(self, spot: str, act: dict[str, Any]) -> Picture:
        """Ask for a photograph of `spot`."""
        hint = self._texts.say("how.photo")
        text = self._texts.join(self._texts.say("act.photo", spot=spot), hint)
        asked = Asked("", text, "picture", (), hint, act={"method": "picture", **act})
        return await self._conversation.until_clear(asked, _picture, limit=self._limit)


def _picture(answer: Answer, before: Answer | None) -> Picture:
    if not answer.file:
        raise Unclear("unclear.no_file")
    try:
        header = read_header(answer.file)
    except ValueError as error:
        raise Unclear("unclear.no_photo") from error
    return Picture(answer.file, header.media_type, header.shape, {"taken_by": answer.by})
