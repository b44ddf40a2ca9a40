"""Container: the settings of one process, and the parts that the process builds once and closes."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import wraps
from threading import RLock
from typing import Any, TypeVar

from sqlalchemy import Engine

from risksentinel.adapters.sql.engine import TIMEOUT_SECONDS, open_engine
from risksentinel.adapters.sql.entry_tags import with_tags
from risksentinel.adapters.sql.relay_inbox import RelayInbox
from risksentinel.adapters.sql.schema import schema_is_current
from risksentinel.adapters.system_clock import new_id, now
from risksentinel.assembly.ledger_key import key_of
from risksentinel.ports.environment import Clock, NewId
from risksentinel.settings import Settings

_Part = TypeVar("_Part")


@dataclass(frozen=True)
class Container:
    """Owns the database engine and each part that is built once; `close` closes all of them.

    The other files of this package build the parts, one file a subject: `ledger(container)`. A
    function imports the files that it needs, so its cold start pays for no other adapter.
    """

    settings: Settings
    inbox: RelayInbox | None = None  # of this process's relay, which gets what is committed
    clock: Clock = now
    new_id: NewId = new_id
    statement_seconds: float = TIMEOUT_SECONDS  # of PostgreSQL; 0 is no limit
    _parts: dict[Callable[..., object], Any] = field(default_factory=dict)
    _closing: ExitStack = field(default_factory=ExitStack)
    _lock: RLock = field(default_factory=RLock)

    @property
    def engine(self) -> Engine:
        """The database engine. Raises Misconfigured if the schema is not current."""
        return self.part(_engine)

    def part(self, build: "Callable[[Container], _Part]") -> _Part:
        """Return the part that `build` makes: built by the first call, in any thread."""
        if build not in self._parts:
            with self._lock:
                if build not in self._parts:
                    self._parts[build] = build(self)
        part: _Part = self._parts[build]
        return part

    def on_close(self, action: Callable[[], object]) -> None:
        """Run `action` when the container closes, before the actions that were added earlier."""
        self._closing.callback(action)

    def close(self) -> None:
        """Run the closing actions, the last added first; every action runs, also after an error."""
        self._closing.close()


def built_once(build: Callable[[Container], _Part]) -> Callable[[Container], _Part]:
    """Decorate a function that builds a part: one container has one of the part."""

    @wraps(build)
    def part(container: Container) -> _Part:
        return container.part(build)

    return part


def database(
    settings: Settings, *, statement_seconds: float = TIMEOUT_SECONDS, name: str = "risksentinel"
) -> Engine:
    """The engine of the database, whose audit entries get tags if the process has a key."""
    engine = open_engine(settings.database, statement_seconds=statement_seconds, name=name)
    return with_tags(engine, key_of(settings))


def _engine(container: Container) -> Engine:
    engine = database(container.settings, statement_seconds=container.statement_seconds)
    try:
        schema_is_current(engine)
    except BaseException:
        engine.dispose()
        raise
    container.on_close(engine.dispose)
    return engine
