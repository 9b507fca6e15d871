"""Who answers questions: this terminal, any other terminal, or a simulated person."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from labcore.adapters.prompts_first import FirstPrompts
from labcore.adapters.prompts_folder import FolderPrompts
from labcore.adapters.prompts_simulated import SimulatedPrompts
from labcore.app.links import SimulatedBench
from labcore.engine.control import Control
from labcore.ports import Answer, Prompts

MakePrompts = Callable[[Control], Prompts]


@asynccontextmanager
async def people(
    folder: Path, bench: SimulatedBench, make: MakePrompts | None, control: Control, *, simulate: bool
) -> AsyncIterator[Prompts]:
    """Yield the ways in which people are asked: this terminal and any other one, or a simulated person."""
    async with AsyncExitStack() as stack:
        own = make(control) if make is not None else None
        if isinstance(own, AbstractAsyncContextManager):
            await stack.enter_async_context(own)
        if simulate:
            yield own or _LazyPerson(bench)
        elif own is not None:
            yield FirstPrompts([own, FolderPrompts(folder)])
        else:
            yield FolderPrompts(folder)


class _LazyPerson:
    """The simulated person, made when the first question comes: most runs ask nobody."""

    def __init__(self, bench: SimulatedBench) -> None:
        self._bench = bench
        self._prompts: SimulatedPrompts | None = None

    async def ask(self, question: Any) -> Answer:
        """Put the question to the simulated person."""
        if self._prompts is None:
            self._prompts = SimulatedPrompts(
                self._bench.simulator("person", "person", self._options()), lock=self._bench.lock
            )
        return await self._prompts.ask(question)

    def withdraw(self, question: str, why: str) -> None:
        """Take it back."""
        if self._prompts is not None:
            self._prompts.withdraw(question, why)

    def _options(self) -> Mapping[str, Any]:
        """Return how the lab file wants its people to be: the options of a device driven by a person."""
        world = self._bench.lab.get("world") or {}
        return dict(world.get("person") or {})
