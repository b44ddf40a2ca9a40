"""guard: authenticates each request, and refuses it without the right of its route."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

import structlog
from flask import Flask, Request, has_request_context
from flask.globals import request_ctx

from risksentinel.domain.access import Principal, Right
from risksentinel.errors import Forbidden
from risksentinel.http.route_access import Open, Routes
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
