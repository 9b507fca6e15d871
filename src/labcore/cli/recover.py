"""labcore recover: take over a run that a crash, a kill or a power cut left unfinished."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from labcore.cli.arguments import DATA, Data, Json, Run, parameters
from labcore.cli.errors import BROKEN_OFF, DECISION, FAILED, OUTCOMES
from labcore.cli.run import say_end, terminal_prompts, user
from labcore.cli.streams import doing, has_person
from labcore.errors import DecisionNeeded, UsageError

if TYPE_CHECKING:
    from labcore.app.interrupted import Interrupted

Word = Literal["resume", "finish", "close"]
WORDS: dict[str, str] = {
    "resume": "go on where it was",
    "finish": "carry out the clean-up steps and end",
    "close": "end now; nothing more is moved",
}
Policy = Annotated[
    str | None,
    typer.Option(
        help="Decide without questions: resume, finish (clean-up only) or close. Unknown acts stay unknown."
    ),
]
Settle = Annotated[
    list[str] | None,
    typer.Option(
        help='Say what became of an act: --settle act-3=done, "not started", "12 mL", "10-14 mL", unknown.'
    ),
]
Why = Annotated[str, typer.Option(help="Why, for the record.")]


def recover(
    run: Run,
    policy: Policy = None,
    settle: Settle = None,
    why: Why = "",
    data: Data = DATA,
    json_: Json = False,
) -> None:
    """Take an interrupted run over: make safe, settle what nobody knows, then resume, finish or close it."""
    from labcore.app.interrupted import read_interrupted
    from labcore.app.story import as_data, story
    from labcore.records.run_folder import find_run

    found = read_interrupted(find_run(data, run))
    said = _said(found, parameters(settle, "--settle", "act-3=done"))
    if policy is not None and policy not in WORDS:
        raise UsageError(f"there is no policy {policy!r}", remedy=f"One of {', '.join(WORDS)}.")
    if json_ and policy is None:
        typer.echo(json.dumps(as_data(found), ensure_ascii=False, indent=1))
        raise typer.Exit(DECISION)
    for line in story(found):
        typer.echo(line, err=json_)
    if policy is None and not has_person():
        raise DecisionNeeded(
            f"run {found.folder.name} waits for a decision, and there is no terminal to ask in",
            remedy="Add --policy resume, finish or close, and --settle ACT=END for what you know.",
        )
    try:
        _recover(found, data, said, cast("Word | None", policy), why, json_)
    except (KeyboardInterrupt, typer.Abort):
        _say_broken_off(found)
        raise typer.Exit(BROKEN_OFF) from None


def _recover(
    found: Interrupted, data: Any, said: dict[str, str], policy: Word | None, why: str, json_: bool
) -> None:
    from labcore.app import recover as take_over
    from labcore.cli.stalls import tell_of_stalls

    ask = policy is None
    if ask and found.started.simulated:  # virtual time waits for nobody: ask first
        said, policy, ask = _ask_all(found, said), _ask_how_on(), False
    more = {"prompts": terminal_prompts(simulate=not ask), "watch": tell_of_stalls}
    with doing("the run goes on", patient=found.started.simulated):
        finished = take_over(
            found.folder.name, data=data, said=said, decision=policy, why=why, by=user(), ask=ask, more=more
        )
    if json_:
        summary = {"id": finished.id, "state": finished.word, "reason": finished.state.reason}
        typer.echo(json.dumps(summary, ensure_ascii=False))
    else:
        say_end(finished)
    raise typer.Exit(OUTCOMES.get(finished.word, FAILED))


def _say_broken_off(found: Interrupted) -> None:
    from labcore.app.interrupted import read_interrupted
    from labcore.app.story import broken_off

    said = broken_off(found, read_interrupted(found.folder))
    typer.echo(f"\nlabcore: recovery broken off: {said}. Type: labcore recover {found.folder.name}", err=True)


def _said(found: Interrupted, given: dict[str, str]) -> dict[str, str]:
    """Return the ends that were given for acts; UsageError for what cannot be meant."""
    from labcore.state.settling import settle_as

    for act, end in given.items():
        if act not in found.state.intents:
            known = ", ".join(found.state.intents) or "none"
            raise UsageError(f"{act} is not open in run {found.folder.name}", remedy=f"Open acts: {known}.")
        try:
            settle_as(found.state.intents[act], end, user())
        except ValueError as error:
            raise UsageError(f"--settle {act}: {error}") from error
    return given


def _ask_all(found: Interrupted, said: dict[str, str]) -> dict[str, str]:
    from labcore.app.story import undecided
    from labcore.state.settling import possible_ends, settle_as

    answers = dict(said)
    for act in undecided(found):
        while act.intent.act not in answers:
            answer = typer.prompt(f"{act.intent.act} ({', '.join(possible_ends(act.intent))})")
            try:
                settle_as(act.intent, answer, user())
            except ValueError as error:
                typer.echo(str(error))
            else:
                answers[act.intent.act] = answer
    return answers


def _ask_how_on() -> Word:
    for word, text in WORDS.items():
        typer.echo(f"  {word}: {text}")
    while (answer := typer.prompt("How shall it go on?").strip().casefold()) not in WORDS:
        typer.echo(f"One of {', '.join(WORDS)}.")
    return cast("Word", answer)
