import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event as Flag

import pytest
from flask import Flask, Request, Response
from flask.globals import request_ctx
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
    """A folder without a database, as RISKSENTINEL_HOME; restores the logging afterwards."""
    monkeypatch.setenv("RISKSENTINEL_HOME", str(tmp_path))
    with as_before():
        yield tmp_path


@pytest.fixture
def disposed() -> Iterator[list[Engine]]:
    """The engines that were disposed of."""
    engines: list[Engine] = []
    note = engines.append
    event.listen(Engine, "engine_disposed", note)
    yield engines
    event.remove(Engine, "engine_disposed", note)


def ask(view: Callable[[Request], Response], path: str) -> Response:
    """Send a GET."""
    return view(Request(EnvironBuilder(path=path).get_environ()))


def detail(answer: Response) -> str:
    """The detail that a caller reads in a 503 response."""
    assert answer.status_code == 503
    return str(json.loads(answer.get_data())["detail"])


def sample(container: Container) -> FunctionApp:
    """A function that needs the database."""
    return function_app(
        "sample", required=required_checks(container), optional=rule_checks(container)
    )


def failing(error: Exception) -> Callable[[Container], FunctionApp]:
    """A function whose wiring opens the database and then fails."""

    def build(container: Container) -> FunctionApp:
        assert str(container.engine.url).startswith("sqlite")
        raise error

    return build


def migrated(home: Path) -> None:
    """Migrate the database in the folder."""
    migrate(Settings(risksentinel_home=home).database)


def test_a_missing_migration_is_named_in_the_response() -> None:
    """A rollout waits for the migration, and the operator reads the readiness."""
    view = on_first_request("sample", sample)

    found = detail(ask(view, READINESS))

    assert found.startswith("the function is not ready: ")
    assert found.endswith("run `risksentinel migrate`")


@pytest.mark.parametrize(
    "error", [Unavailable("database", TimeoutError()), Misconfigured("set WEBHOOK_SECRET")]
)
def test_no_other_failure_is_named_in_the_response(home: Path, error: Exception) -> None:
    """Callers must not learn internals or the configuration of the function."""
    migrated(home)

    found = detail(ask(on_first_request("sample", failing(error)), "/api/v1/rules/"))

    assert found == "the function is not ready"


def test_liveness_is_ok_while_the_wiring_fails() -> None:
    """A restart of the function does not make an unavailable database available."""
    view = on_first_request("sample", sample)

    answers = [ask(view, path).status_code for path in (LIVENESS, READINESS, LIVENESS)]

    assert answers == [200, 503, 200]


@pytest.mark.parametrize("error", [Unavailable("broker"), ZeroDivisionError()])
def test_a_failed_wiring_closes_what_it_opened(
    home: Path, disposed: list[Engine], error: Exception
) -> None:
    """Each request retries the wiring, and the number of connections is limited."""
    migrated(home)
    disposed.clear()
    view = on_first_request("sample", failing(error))

    for _ in range(3):
        try:
            ask(view, READINESS)
        except ZeroDivisionError:
            continue

    assert len(disposed) == 3


def test_the_engine_of_an_unmigrated_database_is_disposed_of(disposed: list[Engine]) -> None:
    """No container owns an engine whose schema is not current."""
    view = on_first_request("sample", sample)

    ask(view, READINESS)

    assert len(disposed) == 1


def test_the_next_request_after_the_migration_wires_the_function(home: Path) -> None:
    """The operator does not have to restart the function after the migration."""
    view = on_first_request("sample", sample)
    ask(view, READINESS)

    migrated(home)

    assert ask(view, READINESS).status_code == 200


def test_a_request_waits_for_a_slow_wiring_up_to_the_timeout(home: Path) -> None:
    """A request that waits without a timeout blocks a thread of the server."""
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


def test_only_the_first_request_passes_through_the_framework(home: Path) -> None:
    """Two Flask apps for each request cost a third of its processor time."""
    migrated(home)
    view, framework, passed = on_first_request("sample", sample), Flask("framework"), list[str]()

    @framework.get("/<path:path>")
    def run(path: str) -> Response:
        passed.append(path)
        return view(request_ctx.request)

    client = framework.test_client()
    answers = [client.get(READINESS) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 3
    assert passed == [READINESS.lstrip("/")]
