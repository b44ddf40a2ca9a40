"""The routes by which people sign in and out."""

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from functions.dashboard.sign_in_pages import refusal, signed_in_page
from risksentinel.assembly.sign_in import SignInParts
from risksentinel.domain.local_path import local_path
from risksentinel.domain.session import Person
from risksentinel.domain.sign_in_flow import FLOW_LIFE, SignInFlow, flow_of, new_flow
from risksentinel.errors import Forbidden, NotFound, Rejected, Retryable, Unauthenticated
from risksentinel.http.access import credentials_of
from risksentinel.http.session_cookie import (
    FLOW,
    SESSION,
    cookie_name,
    delete_cookie,
    session_cookie,
    set_cookie,
)

HOME: Final = "/"
_ERROR_CODE: Final = re.compile(r"[a-z_]{1,40}", re.ASCII)
_NO_FLOW: Final = (
    "no sign-in is under way in this browser: it took more than ten minutes, another tab "
    "began a newer one, or cookies are turned off"
)
View = Callable[..., BaseResponse]


def routes(parts: SignInParts) -> Blueprint:
    """The routes of signing in and out."""
    pages = _SignInRoutes(parts)
    blueprint = Blueprint("sign_in", __name__)
    blueprint.add_url_rule("/sign-in", "begin", _worded(pages.begin))
    blueprint.add_url_rule("/sign-in/callback", "callback", pages.callback)
    blueprint.add_url_rule("/sign-in/once/<token>", "once", _worded(pages.once))
    blueprint.add_url_rule("/sign-out", "end", _worded(pages.end), methods=["POST"])
    return blueprint


def _worded(view: View) -> View:
    """The view, whose refusals a browser shows as a page."""

    @wraps(view)
    def worded(**path: str) -> BaseResponse:
        try:
            return view(**path)
        except (Rejected, Retryable) as error:
            return refusal(error, request)

    return worded


class _SignInRoutes:
    def __init__(self, parts: SignInParts) -> None:
        self._parts = parts
        self._flow_cookie = cookie_name(FLOW, secure=parts.is_secure)
        self._session_cookie = cookie_name(SESSION, secure=parts.is_secure)

    def begin(self) -> BaseResponse:
        """Send the browser to the issuer."""
        to = local_path(request.args.get("to", HOME))
        if self._parts.sessions is None:
            return redirect(to, HTTPStatus.SEE_OTHER)  # every caller is `local`
        issuer = self._parts.code_flow()
        if issuer is None:
            raise NotFound(
                "people sign in here by a link: `risksentinel sign-in-link` prints one. For a "
                "sign-in at an issuer, set AUTH=oidc and OIDC_CLIENT_ID"
            )
        flow = new_flow(to, self._parts.clock(), self._parts.random)
        response = redirect(issuer.address(flow), HTTPStatus.SEE_OTHER)
        set_cookie(response, self._flow_cookie, flow.cookie, FLOW_LIFE, "Lax")
        return response

    def callback(self) -> BaseResponse:
        """Take the answer of the issuer; the flow is over, whatever it says."""
        response = _worded(self._signed_in_at_issuer)()
        delete_cookie(response, self._flow_cookie)
        return response

    def once(self, token: str) -> BaseResponse:
        """Sign in by a one-time link, as `local`."""
        if request.method == "HEAD":  # of a program that looks at links
            return Response()
        if self._parts.sessions is None:
            return redirect(HOME, HTTPStatus.SEE_OTHER)
        return self._signed_in(self._parts.redeem(token), HOME)

    def end(self) -> BaseResponse:
        """End the session here, and offer to end it at the issuer."""
        parts, cookie = self._parts, session_cookie(request)
        if parts.sessions is None:
            return redirect(HOME, HTTPStatus.SEE_OTHER)
        parts.sessions.refuse_cross_site(credentials_of(request))
        if cookie is not None:
            parts.sign_out()(cookie)
            parts.sessions.forget(cookie)
        issuer = parts.code_flow()
        at_issuer = None if issuer is None else issuer.sign_out_address()
        response = redirect(at_issuer or HOME, HTTPStatus.SEE_OTHER)
        delete_cookie(response, self._session_cookie)
        return response

    def _signed_in_at_issuer(self) -> BaseResponse:
        issuer = self._parts.code_flow()
        if issuer is None:
            raise NotFound("OIDC_CLIENT_ID is not set: there is no sign-in at an issuer")
        flow = self._flow()
        issuer.refuse_other(request.args.get("iss"))
        error, code = request.args.get("error"), request.args.get("code")
        if error is not None or code is None:
            named = error if error and _ERROR_CODE.fullmatch(error) else "no code"
            raise Forbidden(f"the issuer did not sign you in: {named}")
        return self._signed_in(issuer.person(code, flow), flow.to)

    def _flow(self) -> SignInFlow:
        flow = flow_of(request.cookies.get(self._flow_cookie, ""))
        if (
            flow is None
            or flow.is_over(self._parts.clock())
            or not flow.answers(request.args.get("state", ""))
        ):
            raise Unauthenticated(_NO_FLOW)
        return flow

    def _signed_in(self, person: Person, to: str) -> BaseResponse:
        before = session_cookie(request)
        value = self._parts.sign_in()(person, self._session_cookie, before)
        response = signed_in_page(to)
        set_cookie(response, self._session_cookie, value, self._parts.session_life, "Strict")
        return response
