"""Turn a deed (what a person is to do) into an `Act`: the question first, asked when it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio

from labcore.capabilities.act import Act, Outcome
from labcore.errors import DeviceError
from labcore.model.event import Asked
from labcore.plugin.driver import Ask
from labcore.ports import Answer
from labcore_operator.answers import Expected, understand
from labcore_operator.catalogue import Catalogue, load_words
from labcore_operator.conversation import Conversation, Read
from labcore_operator.options import OperatorOptions
from labcore_operator.outcomes import Judge, Speaker

GRACE = 5.0  # s an act's deadline is later than the last question's limit, so that the question ends first


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person is to do.

    `words` fill the text `act.<method>`, `arguments` say the same to machines, `how` names the hint.
    """

    method: str
    words: dict[str, str]
    arguments: dict[str, Any]
    how: str
    expected: Expected
    judge: Judge


def _nothing() -> None:
    pass


def _forget(outcome: Outcome) -> None:
    pass


class Deeds:
    """Ask the person of one device to do things."""

    def __init__(self, device: str, ask: Ask, options: OperatorOptions) -> None:
        self._texts = Catalogue(options.language)
        self._words = load_words()
        self._options = options
        self._conversation = Conversation(device, ask, self._texts, options.attempts)

    def act(
        self, deed: Deed, *, before: Callable[[], None] = _nothing, after: Callable[[Outcome], None] = _forget
    ) -> Act:
        """Return the act; `before` runs when it is sent, `after` when its outcome is known."""
        question = self._question(deed, self._sentence(deed))
        patience = self._options.patience.in_("s")

        async def send() -> Outcome:
            before()
            outcome = await self._conversation.until_clear(question, self._read(deed), limit=patience)
            after(outcome)
            return outcome

        async def cut() -> Outcome:
            return await self._cut(deed)

        within = self._options.stop_patience.in_("s") + GRACE
        return Act((f"ask: {question.text}",), send, patience + GRACE, cut, within)

    async def make_safe(self, deed: Deed) -> Outcome:
        """Ask for `deed` at once; unknown if nobody says within `stop_patience` that it is done."""
        text = self._texts.say("stop.safe", act=self._sentence(deed))
        return await self._briefly(self._question(deed, text), deed)

    async def _cut(self, deed: Deed) -> Outcome:
        """Ask how far a deed got that must not go on. Nothing is to be done, so the question names no act."""
        texts = self._texts
        text = texts.say("stop.cut", act=self._sentence(deed))
        options = tuple(texts.say(f"option.{name}") for name in ("not_done", "partly", "done", "unknown"))
        asked = Asked("", text, "decide", options, self._hint(deed), deed.expected.unit)
        return await self._briefly(asked, deed)

    async def _briefly(self, question: Asked, deed: Deed) -> Outcome:
        limit = self._options.stop_patience.in_("s")
        nobody = Outcome("unknown", message=self._texts.say("result.nobody", limit=f"{limit:g} s"))
        outcome = nobody
        with anyio.move_on_after(limit):
            try:
                outcome = await self._conversation.until_clear(question, self._read(deed), limit=limit)
            except DeviceError as error:
                outcome = error.outcome or nobody
        return outcome

    def _read(self, deed: Deed) -> Read[Outcome]:
        def read(answer: Answer, before: Answer | None) -> Outcome:
            said = understand(answer.value, deed.expected, self._words)
            sure = before is not None and before.value == answer.value
            return deed.judge(said, sure, Speaker(answer.by, self._texts))

        return read

    def _sentence(self, deed: Deed) -> str:
        return self._texts.say(f"act.{deed.method}", **deed.words)

    def _hint(self, deed: Deed) -> str:
        return self._texts.say(f"how.{deed.how}", example=deed.expected.example)

    def _question(self, deed: Deed, sentence: str) -> Asked:
        hint = self._hint(deed)
        names = ("done", "partly", "not_done", "unknown")
        options = tuple(self._texts.say(f"option.{name}") for name in names)
        act = {"method": deed.method, **deed.arguments}
        return Asked("", self._texts.join(sentence, hint), "act", options, hint, deed.expected.unit, act)
