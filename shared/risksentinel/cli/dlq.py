"""risksentinel dlq: lists, shows and replays dead letters."""

import json
from contextlib import closing
from typing import Final

import click

from risksentinel.assembly.container import Container
from risksentinel.assembly.dead_letters import dead_letters
from risksentinel.cli.audited import audited
from risksentinel.cli.command_settings import command_settings
from risksentinel.errors import Misconfigured
from risksentinel.ports.environment import Clock
from risksentinel.ports.publishing import DeadLetters
from risksentinel.text import rfc3339

MAX_AT_ONCE: Final = 10_000


@click.group()
def dlq() -> None:
    """Dead letters: list, show, replay."""


def _opened() -> closing[Container]:
    return closing(Container(command_settings()))


@dlq.command("list")
@click.option("--topic", help="Only dead letters of this topic, like alerts.raised.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def list_letters(topic: str | None, limit: int) -> None:
    """List dead letters, newest first: time, id, topic, attempts, code and reason."""
    with _opened() as container:
        letters = dead_letters(container).list(topic, limit)
    for letter in letters:
        click.echo(
            f"{rfc3339.to_text(letter.died_at)}  {letter.id}  {letter.event.topic}  "
            f"{letter.attempts} attempts  {letter.code or '-'}  {letter.reason}"
        )
    if not letters:
        click.echo("no dead letters", err=True)


@dlq.command()
@click.argument("letter_id")
def show(letter_id: str) -> None:
    """Print one dead letter with its event as JSON."""
    with _opened() as container:
        letter = dead_letters(container).show(letter_id)
    shown = {
        "id": letter.id,
        "topic": letter.event.topic,
        "reason": letter.reason,
        "code": letter.code,
        "attempts": letter.attempts,
        "died_at": rfc3339.to_text(letter.died_at),
        "event": letter.event.structured(),
    }
    click.echo(json.dumps(shown, indent=2))


@dlq.command()
@click.argument("letter_ids", nargs=-1)
@click.option("--topic", help="Replay every dead letter of this topic.")
@click.option("--all", "everything", is_flag=True, help="Replay every dead letter.")
def replay(letter_ids: tuple[str, ...], topic: str | None, *, everything: bool) -> None:
    """Publish dead letters again; their attempts are counted from zero."""
    if bool(letter_ids) == (topic is not None or everything):
        raise Misconfigured("give either ids, or --topic, or --all")
    with _opened() as container:
        letters, clock = dead_letters(container), container.clock
        details = {"ids": list(letter_ids), "topic": topic, "all": everything}
        audited(container.engine, "dead_letters.replayed", "outbox", topic or "letters", details)
        if letter_ids:
            count = letters.replay(letter_ids, clock())
        else:
            count = _replay_all(letters, topic, clock)
    click.echo(f"{count} replayed")


def _replay_all(letters: DeadLetters, topic: str | None, clock: Clock) -> int:
    """Replay the letters that exist now, page by page, without those that die meanwhile."""
    found = letters.list(topic, MAX_AT_ONCE)
    if not found:
        return 0
    newest = max(letter.died_at for letter in found)
    count, most = 0, MAX_AT_ONCE
    while True:
        ids = [letter.id for letter in found if letter.died_at <= newest]
        if ids:
            count += letters.replay(ids, clock())
        elif len(found) < most:
            return count
        else:
            most += MAX_AT_ONCE  # letters that died meanwhile fill the page
        found = letters.list(topic, most)
