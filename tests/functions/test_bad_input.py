"""Invalid input gets a 4xx that names the violation; nothing is stored or published."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select
from werkzeug.test import Client, TestResponse

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import metadata
from risksentinel.assembly.container import Container
from risksentinel.settings import Settings
from tests.functions.bad_bodies import PAYMENT_VIOLATIONS, RULE, RULE_VIOLATIONS, UNREADABLE
from tests.functions.caller import (
    ALERTS,
    LARGE,
    NOW,
    PAYMENT,
    REPORTS,
    RULES,
    TRANSACTIONS,
    caller,
    said,
)


@dataclass(frozen=True)
class Engine:
    """A client, and the rows that the engine stores."""

    api: Client
    container: Container
    routes: dict[str, tuple[str, str]]

    def kept(self) -> dict[str, int]:
        """The number of rows of each table, the outbox included."""
        with reading(self.container.engine) as connection:
            return {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in metadata.tables.items()
            }

    def send(self, route: str, body: bytes, media: str = "application/json") -> TestResponse:
        """Send the body to the route, and assert that no row was written."""
        method, path = self.routes[route]
        before = self.kept()
        answer = self.api.open(path, method=method, data=body, content_type=media)
        assert self.kept() == before
        assert answer.content_type == "application/problem+json"
        return answer


@pytest.fixture(scope="module")
def engine(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One engine for all tests: their requests must not write anything."""
    home = tmp_path_factory.mktemp("bad-input")
    shutil.copy(migrated, home)
    container = Container(Settings(risksentinel_home=home), clock=lambda: NOW)
    api = caller(container)
    abroad = {**LARGE, "receiver_country": "GB"}
    alert = said(api.post(TRANSACTIONS, json=abroad), 201)["alert_id"]
    (report,) = (each["id"] for each in said(api.get(REPORTS))["items"])
    rule = said(api.post(RULES, json=RULE), 201)["id"]
    routes = {
        "payment": ("POST", TRANSACTIONS),
        "batch": ("POST", f"{TRANSACTIONS}batch"),
        "alert": ("PATCH", ALERTS + alert),
        "report": ("PATCH", REPORTS + report),
        "new rule": ("POST", RULES),
        "rule": ("PUT", RULES + rule),
        "rule patch": ("PATCH", RULES + rule),
    }
    yield Engine(api, container, routes)
    container.close()


ROUTES = ("payment", "batch", "alert", "report", "new rule", "rule", "rule patch")


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("body", UNREADABLE)
def test_what_is_no_object_of_json_is_refused(engine: Engine, route: str, body: str) -> None:
    """Every route reads its body with the same strict parser."""
    sent, status = UNREADABLE[body]

    answer = engine.send(route, sent)

    assert answer.status_code == status


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "media", ["text/plain", "application/xml", "", "application/json;charset=x"]
)
def test_what_says_that_it_is_no_json_is_refused(engine: Engine, route: str, media: str) -> None:
    """A form that a browser posts from another site must not be read as a payment."""
    assert engine.send(route, b"{}", media).status_code == 415


@pytest.mark.parametrize("route", ROUTES)
def test_another_media_type_is_refused_with_the_accepted_ones(engine: Engine, route: str) -> None:
    """A bank may send ISO 20022 messages: the 415 must name the accepted media types."""
    answer = engine.send(route, b"<Document/>", "application/xml")

    assert "application/json" in said(answer, 415)["detail"]


@pytest.mark.parametrize("name", PAYMENT_VIOLATIONS)
def test_every_violation_of_a_payment_is_listed_with_its_path(engine: Engine, name: str) -> None:
    """A client can correct every violation after one attempt."""
    payment, paths = PAYMENT_VIOLATIONS[name]

    answer = engine.send("payment", json.dumps(payment).encode())

    assert answer.status_code == 422
    assert {violation["path"] for violation in said(answer, 422)["errors"]} == paths
    assert "acc-1" not in answer.text


@pytest.mark.parametrize("name", PAYMENT_VIOLATIONS)
def test_a_batch_refuses_the_same_payments(engine: Engine, name: str) -> None:
    """An invalid payment is refused in a batch as well."""
    payment, paths = PAYMENT_VIOLATIONS[name]
    before = engine.kept()

    answer = engine.api.post(f"{TRANSACTIONS}batch", json={"transactions": [payment]})

    (result,) = said(answer, 207)["results"]
    assert result["status"] == 422
    assert {violation["path"] for violation in result["problem"]["errors"]} == paths
    assert engine.kept() == before


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "transactions"),
        ({"transactions": []}, "transactions"),
        ({"transactions": {}}, "transactions"),
        ({"transactions": [PAYMENT] * 501}, "transactions"),
        ({"transactions": [PAYMENT], "async": True}, "async"),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(
    engine: Engine, body: dict[str, object], path: str
) -> None:
    """An ambiguous batch is refused as a whole."""
    answer = engine.send("batch", json.dumps(body).encode())

    assert [violation["path"] for violation in said(answer, 422)["errors"]] == [path]


@pytest.mark.parametrize("route", ["new rule", "rule"])
@pytest.mark.parametrize("name", RULE_VIOLATIONS)
def test_every_violation_of_a_rule_is_listed_with_its_path(
    engine: Engine, route: str, name: str
) -> None:
    """A rule that is read wrongly would fire on other payments."""
    rule, paths = RULE_VIOLATIONS[name]

    answer = engine.send(route, json.dumps(rule).encode())

    assert {violation["path"] for violation in said(answer, 422)["errors"]} == paths
