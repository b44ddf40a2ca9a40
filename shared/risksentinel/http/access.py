"""ROUTE_ACCESS: the right that each route requires; a route without an entry cannot be served."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final, cast

import structlog
from flask import Flask, Request, has_request_context
from flask.globals import request_ctx

from risksentinel.domain.access import Principal, Right
from risksentinel.errors import Forbidden
from risksentinel.http.session_cookie import session_cookie
from risksentinel.ports.authentication import Authenticator, Credentials
from risksentinel.ports.event_senders import EventAuthenticator, UnknownSender

_PRINCIPAL: Final = "risksentinel.principal"
_MAX_STATED: Final = 200
_VISIBLE: Final = re.compile(r"[ -~]+", re.ASCII)
_MASKED: Final = "risksentinel.masked"
_SAFE: Final = frozenset({"GET", "HEAD"})
_SENDER: Final = "risksentinel.event_sender"
_log = structlog.get_logger(__name__)


class Open(Enum):
    """Routes that require no right of a principal; those of AUTHENTICATED require a principal."""

    EVERYBODY = "everybody"  # probes, documentation
    EVENTS = "events"  # events of the broker: their sender is authenticated
    AUTHENTICATED = "authenticated"  # every caller with valid credentials


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
        "/sign-in": _PROBES,
        "/sign-in/callback": _PROBES,
        "/sign-in/once/<token>": _PROBES,
        "/sign-out": {"POST": Open.EVERYBODY},
        "/api/v1/session": {"GET": Open.AUTHENTICATED},
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
        "/api/v1/rules/<rule_id>/stop": {"POST": Right.STOP_RULES},
        "/api/v1/proposals": {"GET": Right.READ_RULES},
        "/api/v1/proposals/<proposal_id>": {"GET": Right.READ_RULES},
        "/api/v1/proposals/<proposal_id>/entries": {"GET": Right.READ_ACCOUNTS},
        "/api/v1/proposals/<proposal_id>/approve": {"POST": Right.APPROVE},
        "/api/v1/proposals/<proposal_id>/refuse": {"POST": Right.APPROVE},
        "/api/v1/proposals/<proposal_id>/withdraw": {"POST": Right.WRITE_RULES},
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
        "/api/v1/ledger/proof/<entry_id>": {"GET": Right.READ_LEDGER},
        "/api/v1/ledger/head": {"GET": Right.READ_LEDGER},
    }
)


@dataclass(frozen=True, slots=True)
class EventSenders:
    """Who may send events: the authenticator, and what counts a refused request by its reason."""

    authenticate: EventAuthenticator
    count_refused: Callable[[str], None]

    def sender(self, authorization: str | None) -> str:
        """The name of the sender; a refusal is counted and logged. Raises UnknownSender."""
        try:
            return self.authenticate(authorization)
        except UnknownSender as unknown:
            self.count_refused(unknown.reason)
            _log.warning("event.sender_refused", reason=unknown.reason)
            raise


def guard(app: Flask, authenticate: Authenticator, events: EventSenders, routes: Routes) -> None:
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
        if access is Open.EVENTS:
            request.environ[_SENDER] = events.sender(request.headers.get("Authorization"))
        if access in (Open.EVERYBODY, Open.EVENTS):
            return
        caller = authenticate(credentials_of(request))
        if isinstance(access, Right) and not caller.may(access):
            raise Forbidden(f"the caller needs the right {access}")
        request.environ[_PRINCIPAL] = caller
        # A client that submits a payment knows the accounts.
        request.environ[_MASKED] = access is not Right.SUBMIT_PAYMENTS and not caller.may(
            Right.READ_ACCOUNTS
        )


def authenticated_caller() -> Principal | None:
    """The principal of the current request; None if its route is open."""
    return cast("Principal | None", request_ctx.request.environ.get(_PRINCIPAL))


def credentials_of(request: Request) -> Credentials:
    """What the request sends to prove who its caller is."""
    headers = request.headers
    return Credentials(
        headers.get("Authorization"),
        session_cookie(request),
        changes=request.method not in _SAFE,
        address=request.remote_addr,
        fetch_site=headers.get("Sec-Fetch-Site"),
        origin=headers.get("Origin"),
    )


def caller() -> Principal:
    """The principal of the current request."""
    return cast("Principal", request_ctx.request.environ[_PRINCIPAL])


def hides_accounts() -> bool:
    """Whether the response of the current request must mask account numbers."""
    return has_request_context() and bool(request_ctx.request.environ.get(_MASKED))


def hides_conditions() -> bool:
    """Whether the values of rules' conditions are masked too: not for those that write rules."""
    return not caller().may(Right.WRITE_RULES)


def origin() -> dict[str, str]:
    """Where the current request comes from, for the audit log; empty without a request.

    `address` is the peer of the connection: behind a proxy, the proxy. `forwarded_for` is what the
    request states, and is only as reliable as the proxy that set it.
    """
    if not has_request_context():
        return {}
    request = request_ctx.request
    stated = request.headers.get("X-Forwarded-For", "")
    found = {"address": request.remote_addr or "", "forwarded_for": stated[:_MAX_STATED]}
    return {name: value for name, value in found.items() if _VISIBLE.fullmatch(value)}


def event_sender() -> str:
    """The authenticated sender of the events of the current request."""
    return cast("str", request_ctx.request.environ[_SENDER])
