from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from risksentinel.domain.access import Right
from risksentinel.embedded.gateway import PUBLIC_FUNCTIONS, Gateway, owner_of
from risksentinel.http.route_access import ROUTE_ACCESS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PLATFORM = {"/metrics", "/outbox/sweep"}


def _function(name: str) -> "WSGIApplication":
    def function(_environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        start("200 OK", [])
        return [name.encode()]

    return function


FUNCTIONS = {name: _function(name) for name in PUBLIC_FUNCTIONS}


@pytest.mark.parametrize("route", ROUTE_ACCESS)
def test_every_public_route_has_a_function_and_no_other_has(route: str) -> None:
    """What is for the platform must not be reached by callers."""
    assert (owner_of(route) is None) == (route in PLATFORM)


def test_every_route_with_a_right_is_public() -> None:
    """A route that no gateway routes could not be called."""
    for route, methods in ROUTE_ACCESS.items():
        if any(isinstance(access, Right) for access in methods.values()):
            assert owner_of(route) is not None


@pytest.mark.parametrize(
    "path", ["/metrics", "/outbox/sweep", "//", "/docsx", "/api", "/api/v1/rulesx", "/metrics/", ""]
)
def test_another_path_is_not_found(path: str) -> None:
    """The answer is a problem, as that of a function."""
    answer = Client(Gateway(FUNCTIONS)).get(path or "/unknown")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_metrics_are_served_where_they_may_be_seen() -> None:
    """The engine on one port of loopback has no other port to scrape."""
    assert Client(Gateway(FUNCTIONS, metrics=True)).get("/metrics").text == "dashboard"
    assert Client(Gateway(FUNCTIONS)).get("/").text == "dashboard"
