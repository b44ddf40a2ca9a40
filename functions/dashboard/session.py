"""GET the session: who the caller is, and what the caller may do."""

from typing import Final

from flask import Response, jsonify, request
from flask_openapi3.models.tag import Tag
from pydantic import Field

from risksentinel.domain.access import Right, Role
from risksentinel.http.access import caller
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.response_model import Moment, ResponseModel
from risksentinel.http.session_cookie import session_cookie
from risksentinel.usecases.authenticate_session import AuthenticateSession

TAG: Final = Tag(name="session", description="Who the caller is")


class SessionResponse(ResponseModel):
    """The caller of the request."""

    name: str = Field(description="The name in the audit log")
    person: bool = Field(description="Whether the caller is a person that signed in")
    roles: list[Role]
    rights: list[Right]
    masked: bool = Field(description="Whether responses show account numbers in part only")
    expires_at: Moment | None = Field(
        description="When the session ends, however often it is used; null without a session"
    )


def routes(sessions: AuthenticateSession | None) -> DescribedRoutes:
    """The route that describes the caller; without `sessions`, none is accepted."""
    api = DescribedRoutes("session", __name__, url_prefix="/api/v1/session", abp_tags=[TAG])

    @api.get(
        "/",
        summary="The caller, its roles and its rights",
        description="For the pages: a session also ends after 30 minutes without a request.",
        responses={200: SessionResponse},
    )
    def session() -> Response:
        principal, cookie = caller(), session_cookie(request)
        is_session = sessions is not None and "Authorization" not in request.headers
        ends = sessions.expires_at(cookie) if sessions and is_session and cookie else None
        body = {
            "name": principal.name,
            "person": principal.person,
            "roles": sorted(principal.roles),
            "rights": sorted(principal.rights),
            "masked": not principal.may(Right.READ_ACCOUNTS),
            "expires_at": ends,
        }
        return jsonify(SessionResponse.serialize(body))

    return api
