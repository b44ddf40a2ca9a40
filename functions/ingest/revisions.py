"""GET revisions: payments that were decided without a source, and what came of them."""

from typing import Final

from flask import Response
from flask_openapi3.models.tag import Tag
from pydantic import Field

from risksentinel.domain.revision import RevisionState
from risksentinel.domain.verdict import Decision
from risksentinel.http.cursor_pages import PageQuery, page_response
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.response_model import Moment, ResponseModel, Score
from risksentinel.ports.revisions import Revisions

PATH: Final = "/api/v1/revisions"
TAG: Final = Tag(name="revisions", description="Payments that were decided without a source")


class OutcomeResponse(ResponseModel):
    """A decision with its score, and whether it raises an alert."""

    decision: Decision
    score: Score
    alert: bool


class RevisionResponse(ResponseModel):
    """A payment that was decided without a source; the first decision stays in force."""

    transaction_id: str
    state: RevisionState = Field(
        description="waiting: a source is still absent; confirmed, milder or graver: the decision "
        "with all sources, against the first; given_up: a source was absent for 24 hours"
    )
    decided_without: list[str] = Field(
        description="The absent sources: history, rules, lists, model"
    )
    first: OutcomeResponse
    second: OutcomeResponse | None = Field(description="With all sources; null until then")
    reasons: list[str] = Field(description="Of the second decision, in words for analysts")
    scored_at: Moment
    looked_at: Moment | None


class RevisionPage(ResponseModel):
    """One page of revisions."""

    items: list[RevisionResponse]
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last")


class RevisionQuery(PageQuery):
    """The filter and the page of the list."""

    state: RevisionState | None = None


def routes(revisions: Revisions) -> DescribedRoutes:
    """The route that lists revisions."""
    api = DescribedRoutes("revisions", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.get(
        "/",
        summary="List payments that were decided without a source",
        description="Newest first by `scored_at`, in pages.",
        responses={200: RevisionPage},
    )
    def listed(query: RevisionQuery) -> Response:
        return page_response(
            query,
            lambda after, most: revisions.revisions(query.state, after, most),
            RevisionResponse.serialize,
        )

    return api
