import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event as Flag

import pytest
from flask import Request, Response
from sqlalchemy import Engine, event
from werkzeug.test import EnvironBuilder

from risksentinel.assembly.container import Container
from risksentinel.assembly.database import required_checks
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.assembly.rules import rule_checks
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings
from tests.logs import as_before

READINESS, LIVENESS = "/health/readiness", "/health/liveness"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder without a database, which the settings name; logging is left as it was."""
    monkeypatch.setenv("RISKSENTINEL_HOME", str(tmp_path))
    with as_before():
        yield tmp_path


@pytest.fixture
def disposed() -> Iterator[list[Engine]]:
    """The engines that were closed."""
    engines: list[Engine] = []
    note = engines.append
    event.listen(Engine, "engine_disposed", note)
    yield engines
    event.remove(Engine, "engine_disposed", note)


def ask(view: Callable[[Request], Response], path: str) -> Response:
    """Send a GET."""
    return view(Request(EnvironBuilder(path=path).get_environ()))


def detail(answer: Response) -> str:
    """What a caller is told of a failure."""
    assert answer.status_code == 503
    return str(json.loads(answer.get_data())["detail"])


def sample(container: Container) -> FunctionApp:
    """A function that needs the database."""
    return function_app(
        "sample", required=required_checks(container), optional=rule_checks(container)
    )


def failing(error: Exception) -> Callable[[Container], FunctionApp]:
    """A function that cannot be wired, once it has reached for the database."""

    def build(container: Container) -> FunctionApp:
        assert str(container.engine.url).startswith("sqlite")
        raise error

    return build


def migrated(home: Path) -> None:
    """Bring the folder's database up to date."""
    migrate(Settings(risksentinel_home=home).database)


def test_a_missing_migration_is_told_to_callers() -> None:
    """A rollout waits for it, and its readiness is what an operator reads."""
    view = on_first_request("sample", sample)

    told = detail(ask(view, READINESS))

    assert told.startswith("the function is not ready: ")
    assert told.endswith("run `risksentinel migrate`")


@pytest.mark.parametrize(
    "error", [Unavailable("database", TimeoutError()), Misconfigured("set WEBHOOK_SECRET")]
)
def test_nothing_else_is_told_to_callers(home: Path, error: Exception) -> None:
    """What it is made of, and how it is set up, is no business of theirs."""
    migrated(home)

    told = detail(ask(on_first_request("sample", failing(error)), "/api/v1/rules/"))

    assert told == "the function is not ready"


def test_it_lives_while_it_cannot_be_wired() -> None:
    """A database that is away is not brought back by killing those who wait for it."""
    view = on_first_request("sample", sample)

    answers = [ask(view, path).status_code for path in (LIVENESS, READINESS, LIVENESS)]

    assert answers == [200, 503, 200]


@pytest.mark.parametrize("error", [Unavailable("broker"), ZeroDivisionError()])
def test_a_failed_wiring_closes_what_it_opened(
    home: Path, disposed: list[Engine], error: Exception
) -> None:
    """Each request tries again, and connections are few."""
    migrated(home)
    disposed.clear()
    view = on_first_request("sample", failing(error))

    for _ in range(3):
        try:
            ask(view, READINESS)
        except ZeroDivisionError:
            continue

    assert len(disposed) == 3


def test_an_unmigrated_database_is_let_go_of(disposed: list[Engine]) -> None:
    """The engine that showed it is nobody's."""
    view = on_first_request("sample", sample)

    ask(view, READINESS)

    assert len(disposed) == 1


def test_it_is_wired_as_soon_as_it_can_be(home: Path) -> None:
    """Nobody restarts it after the migration."""
    view = on_first_request("sample", sample)
    ask(view, READINESS)

    migrated(home)

    assert ask(view, READINESS).status_code == 200


def test_nobody_queues_behind_a_slow_wiring(home: Path) -> None:
    """A request that waits for good holds a thread for good."""
    begun, go_on = Flag(), Flag()

    def slow(container: Container) -> FunctionApp:
        begun.set()
        go_on.wait(10)
        return sample(container)

    migrated(home)
    view = on_first_request("sample", slow, timeout=0.05)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(ask, view, READINESS)
        begun.wait(10)
        second = ask(view, READINESS)
        go_on.set()

    assert detail(second) == "the function is not ready"
    assert first.result().status_code == 200
