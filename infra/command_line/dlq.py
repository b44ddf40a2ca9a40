"""risksentinel dlq: events that were given up, and how to send them again."""

import json

import click

from risksentinel.assembly.backbone import Backbone
from risksentinel.domain.moments import rfc3339
from risksentinel.errors import Misconfigured
from risksentinel.ports import DeadLetters
from risksentinel.runtime.settings import Settings


@click.group()
def dlq() -> None:
    """Dead letters: list, show, replay."""


def _letters() -> DeadLetters:
    return Backbone(Settings.read()).dead_letters


@dlq.command("list")
@click.option("--topic", help="Only those of one topic, like alerts.raised.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def list_letters(topic: str | None, limit: int) -> None:
    """List dead letters, newest first: when, id, topic, attempts and reason."""
    letters = _letters().list(topic, limit)
    for letter in letters:
        click.echo(
            f"{rfc3339(letter.died_at)}  {letter.id}  {letter.event.topic}  "
            f"{letter.attempts} attempts  {letter.code or '-'}  {letter.reason}"
        )
    if not letters:
        click.echo("no dead letters", err=True)


@dlq.command()
@click.argument("letter_id")
def show(letter_id: str) -> None:
    """Show one dead letter with its event, as JSON."""
    letter = _letters().show(letter_id)
    shown = {
        "id": letter.id,
        "topic": letter.event.topic,
        "reason": letter.reason,
        "code": letter.code,
        "attempts": letter.attempts,
        "died_at": rfc3339(letter.died_at),
        "event": letter.event.structured(),
    }
    click.echo(json.dumps(shown, indent=2))


@dlq.command()
@click.argument("letter_ids", nargs=-1)
@click.option("--topic", help="All of one topic.")
@click.option("--all", "everything", is_flag=True, help="All there are.")
def replay(letter_ids: tuple[str, ...], topic: str | None, *, everything: bool) -> None:
    """Announce dead letters again, with fresh attempts."""
    if not (letter_ids or topic or everything):
        raise Misconfigured("say which: ids, --topic or --all")
    letters, clock = _letters(), Backbone(Settings.read()).clock
    chosen = list(letter_ids) or [letter.id for letter in letters.list(topic, 10_000)]
    click.echo(f"{letters.replay(chosen, clock())} announced again")
