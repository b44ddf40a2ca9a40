"""The sample app that tests of the HTTP shell and of telemetry call."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Literal
from uuid import UUID

import pytest
from flask import Response, request
from flask.testing import FlaskClient
from pydantic import BaseModel, ConfigDict, field_validator
from werkzeug.exceptions import NotAcceptable

from risksentinel import errors
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.telemetry import tracing
from tests.open_routes import OPEN
from tests.telemetry.otlp_collector import Collector, collecting

RAISED: dict[str, Callable[[], Exception]] = {
    "malformed": lambda: errors.Malformed([errors.Violation("a", "is wrong")]),
    "not-found": lambda: errors.NotFound("there is no such alert"),
    "conflict": lambda: errors.Conflict("the name is taken"),
    "stale": lambda: errors.StaleVersion("it is at version 3"),
    "in-progress": lambda: errors.InProgress("it is being scored"),
    "unavailable": lambda: errors.Unavailable("database", ConnectionError()),
    "not-acceptable": lambda: NotAcceptable("ZA290000000012345678 is not"),
    "misconfigured": lambda: errors.Misconfigured("SECRET is missing"),
    "bug": lambda: RuntimeError("secret ZA290000000012345678"),
}


class Item(BaseModel):
    """One item of a list."""

    count: int


class Order(BaseModel):
    """The body of the sample route."""

    model_config = ConfigDict(extra="forbid")

    name: str
    kind: Literal["card", "eft"] = "card"
    amount: Decimal = Decimal(0)
    items: list[Item] = []
    reference: UUID | None = None

    @field_validator("name")
    @classmethod
    def careless(cls, name: str) -> str:
        """Quote the refused value, which a validator should not do."""
        if name.startswith("bad"):
            raise ValueError(f"{name} is bad")
        return name


class Filter(BaseModel):
    """The sample route's query."""

    limit: int = 10


class Which(BaseModel):
    """The sample route's path."""

    transaction_id: UUID


def sample_app() -> FunctionApp:
    """An app with a route for each kind of response."""
    app = function_app("sample", access=OPEN)

    @app.post("/orders/")
    def order(query: Filter, body: Order) -> tuple[dict[str, object], int]:
        return {"name": body.name, "amount": body.amount, "limit": query.limit}, 201

    @app.patch("/orders/<transaction_id>")
    def change(path: Which, body: Item) -> dict[str, object]:
        return {"id": str(path.transaction_id), "count": body.count}

    @app.get("/orders/<transaction_id>")
    def show(path: Which) -> dict[str, str]:
        return {"id": str(path.transaction_id)}

    @app.delete("/orders/<transaction_id>")
    def remove(path: Which) -> tuple[str, int, dict[str, str]]:
        return "", 204, {"X-Removed": str(path.transaction_id)}

    app.add_url_rule("/raise/<kind>", view_func=raised)
    app.add_url_rule("/any", view_func=anything, methods=["POST"])
    return app


def raised(kind: str) -> Response:
    """Raise the error that the path names."""
    error = RAISED[kind]()
    raise error


def anything() -> dict[str, object]:
    """Respond with the JSON body, read as flask-openapi3 reads it."""
    return dict(request.get_json(silent=True) or {})


@pytest.fixture(scope="session")
def app() -> FunctionApp:
    """One app for all tests: it has no state between requests."""
    return sample_app()


@pytest.fixture
def client(app: FunctionApp) -> FlaskClient:
    """A client of the app."""
    return app.test_client()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """An OTLP collector that receives the traces of this process."""
    with collecting() as found:
        tracing.start(found.endpoint)
        yield found
        tracing.stop()
