"""ROUTE_ACCESS: the right that each route requires; a route without an entry cannot be served."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, cast

from flask import Flask
from flask.globals import request_ctx

from risksentinel.domain.access import Principal, Right
from risksentinel.errors import Forbidden
from risksentinel.ports.authentication import Authenticator, Credentials

SESSION: Final = "risksentinel_session"  # the cookie of a signed-in person
_PRINCIPAL: Final = "risksentinel.principal"
_SAFE: Final = frozenset({"GET"})


class Open(Enum):
    """Routes that require no right of a principal."""

    EVERYBODY = "everybody"  # probes, documentation
    EVENTS = "events"  # events of the broker, which are authenticated by another way


Access = Right | Open

Routes = Mapping[str, Mapping[str, Access]]  # by route as registered, then by method

_PROBES: Final = {"GET": Open.EVERYBODY}
ROUTE_ACCESS: Final[Routes] = MappingProxyType(
    {
        "/": {"GET": Open.EVERYBODY, "POST": Open.EVENTS},
        "/outbox/sweep": {"POST": Open.EVENTS},
        "/metrics": _PROBES,
        "/health": _PROBES,
        "/health/liveness": _PROBES,
        "/health/readiness": _PROBES,
        "/api/v1/health": _PROBES,
        "/api/v1/health/liveness": _PROBES,
        "/api/v1/health/readiness": _PROBES,
        "/openapi.json": _PROBES,
        "/api/v1/openapi.json": _PROBES,
        "/docs": _PROBES,
        "/docs/start.js": _PROBES,
        "/docs/assets/<path:name>": _PROBES,
        "/redoc": _PROBES,
        "/redoc/start.js": _PROBES,
        "/redoc/assets/<path:name>": _PROBES,
        "/api/v1/transactions": {"GET": Right.READ_PAYMENTS, "POST": Right.SUBMIT_PAYMENTS},
        "/api/v1/transactions/batch": {"POST": Right.SUBMIT_PAYMENTS},
        "/api/v1/transactions/events": {"POST": Right.SUBMIT_PAYMENTS},
        "/api/v1/transactions/<transaction_id>": {"GET": Right.READ_PAYMENTS},
        "/api/v1/transactions/<transaction_id>/score": {"GET": Right.READ_PAYMENTS},
        "/api/v1/transactions/<transaction_id>/label": {"POST": Right.WRITE_LABELS},
        "/api/v1/dashboard/summary": {"GET": Right.READ_PAYMENTS},
        "/api/v1/dashboard/risk-trend": {"GET": Right.READ_PAYMENTS},
        "/api/v1/alerts": {"GET": Right.READ_ALERTS},
        "/api/v1/alerts/<alert_id>": {"GET": Right.READ_ALERTS, "PATCH": Right.WRITE_ALERTS},
        "/api/v1/reports": {"GET": Right.READ_ALERTS},
        "/api/v1/reports/<report_id>": {"GET": Right.READ_ALERTS, "PATCH": Right.WRITE_ALERTS},
        "/api/v1/rules": {"GET": Right.READ_RULES, "POST": Right.WRITE_RULES},
        "/api/v1/rules/vocabulary": {"GET": Right.READ_RULES},
        "/api/v1/rules/<rule_id>": {
            "GET": Right.READ_RULES,
            "PUT": Right.WRITE_RULES,
            "PATCH": Right.WRITE_RULES,
            "DELETE": Right.WRITE_RULES,
        },
        "/api/v1/lists": {"GET": Right.READ_RULES, "POST": Right.WRITE_RULES},
        "/api/v1/lists/<name>": {"GET": Right.READ_RULES, "DELETE": Right.WRITE_RULES},
        "/api/v1/lists/<name>/entries": {"GET": Right.READ_RULES, "POST": Right.WRITE_RULES},
        "/api/v1/lists/<name>/entries/<path:value>": {
            "PUT": Right.WRITE_RULES,
            "DELETE": Right.WRITE_RULES,
        },
        "/api/v1/lists/<name>/import": {"POST": Right.WRITE_RULES},
        "/api/v1/lists/<name>/export": {"GET": Right.READ_ACCOUNTS},
        "/api/v1/ledger/entries": {"GET": Right.READ_LEDGER},
        "/api/v1/ledger/proof/<int:entry_id>": {"GET": Right.READ_LEDGER},
        "/api/v1/ledger/head": {"GET": Right.READ_LEDGER},
    }
)


def guard(app: Flask, authenticate: Authenticator, routes: Routes) -> None:
    """Authenticate each request of this app, and refuse it without the right of its route.

    A route without an entry in `routes` answers 500. A request that matches no route is answered
    404 or 405 without authentication.
    """

    @app.before_request
    def check() -> None:
        request = request_ctx.request
        if request.url_rule is None or request.method == "OPTIONS":
            return
        method = "GET" if request.method == "HEAD" else request.method
        access = routes[request.url_rule.rule][method]
        if isinstance(access, Open):
            return
        credentials = Credentials(
            request.headers.get("Authorization"), request.cookies.get(SESSION), method not in _SAFE
        )
        caller = authenticate(credentials)
        if not caller.may(access):
            raise Forbidden(f"the caller needs the right {access}")
        request.environ[_PRINCIPAL] = caller


def caller() -> Principal:
    """The principal of the current request."""
    return cast("Principal", request_ctx.request.environ[_PRINCIPAL])
