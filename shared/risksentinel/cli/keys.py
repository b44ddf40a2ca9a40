"""risksentinel keys: creates, lists, rotates and revokes API keys."""

import re
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Final

import click
from typing_extensions import override

from risksentinel.adapters.sql.api_key_ledger import SqlKeyLedger
from risksentinel.adapters.sql.api_keys import SqlKeyRecords
from risksentinel.assembly.container import Container
from risksentinel.cli.command_settings import command_settings
from risksentinel.cli.operator import operator
from risksentinel.domain.access import Role
from risksentinel.domain.api_key import ApiKey
from risksentinel.domain.label import LabelSource
from risksentinel.text import rfc3339
from risksentinel.usecases.manage_keys import ManageKeys, NewKey

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_DURATION: Final = re.compile(r"([0-9]{1,5})([mhd])", re.ASCII)


class _Duration(click.ParamType[timedelta]):
    """A time like 30m, 24h or 90d."""

    name = "DURATION"

    @override
    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = _DURATION.fullmatch(str(value))
        if found is None:
            self.fail("must be a number and m, h or d, like 90d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


_DURATIONS: Final = _Duration()
_EXPIRES = click.option(
    "--expires-in", type=_DURATIONS, help="Life of the new key, like 90d; by default no end."
)


@click.group()
def keys() -> None:
    """API keys: create, list, rotate, revoke."""


@keys.command()
@click.option("--name", required=True, help="Name of the key; in the audit log it is key:NAME.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="Role; may be repeated.",
)
@click.option(
    "--label-source",
    "sources",
    multiple=True,
    type=click.Choice([source.value for source in LabelSource]),
    help="Source whose labels the key may report; may be repeated.",
)
@_EXPIRES
def create(
    name: str, roles: tuple[str, ...], sources: tuple[str, ...], expires_in: timedelta | None
) -> None:
    """Create a key, and print it to standard output: it is not stored and is shown once."""
    with _managing() as manage:
        _show(
            manage.create(name, map(Role, roles), map(LabelSource, sources), expires_in, operator())
        )


@keys.command("list")
def list_keys() -> None:
    """List all keys: id, name, state, roles, label sources, creation, expiry, last use."""
    with _opened() as container:
        found, now = SqlKeyRecords(container.engine).keys(), container.clock()
    for key in found:
        click.echo(_line(key, now))
    if not found:
        click.echo("no keys", err=True)


@keys.command()
@click.argument("key_id")
@click.option(
    "--overlap",
    type=_DURATIONS,
    default=timedelta(hours=24),
    show_default="24h",
    help="Time in which the old key still works.",
)
@_EXPIRES
def rotate(key_id: str, overlap: timedelta, expires_in: timedelta | None) -> None:
    """Create the successor of a key, and print it; the old key works until the overlap ends.

    Without --expires-in the new key has as long a life as the old one was created with.
    """
    with _managing() as manage:
        _show(manage.rotate(key_id, overlap, expires_in, operator()))


@keys.command()
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """Revoke a key; functions refuse it within five seconds."""
    with _managing() as manage:
        revoked = manage.revoke(key_id, operator())
    click.echo(f"revoked {revoked.id} ({revoked.name})")


@contextmanager
def _opened() -> Iterator[Container]:
    with closing(Container(command_settings())) as container:
        yield container


@contextmanager
def _managing() -> Iterator[ManageKeys]:
    with _opened() as container:
        yield ManageKeys(SqlKeyLedger(container.engine), container.clock, secrets.token_bytes)


def _show(new: NewKey) -> None:
    """The key alone goes to standard output, so that a script can pass it on."""
    click.echo(f"key {new.key.id} ({new.key.name}); it is not shown again:", err=True)
    click.echo(new.text)


def _line(key: ApiKey, now: datetime) -> str:
    words = (
        key.id,
        key.name,
        _state(key, now),
        ",".join(sorted(key.roles)) or "-",
        ",".join(sorted(key.label_sources)) or "-",
        f"created {rfc3339.to_text(key.created_at)} by {key.created_by}",
        f"expires {_time(key.expires_at)}",
        f"last used {_time(key.last_used_at)}",
    )
    return "  ".join(words)


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "active" if key.is_in_force(now) else "expired"


def _time(at: datetime | None) -> str:
    return "never" if at is None else rfc3339.to_text(at)
