"""The routes of the ledger: entries, inclusion proofs, and the signed head."""

from typing import Annotated, Final

from flask import Response, jsonify
from flask_openapi3.models.tag import Tag
from pydantic import Field, StringConstraints

from functions.dashboard.ledger_responses import (
    HeadResponse,
    LedgerEntryPage,
    ProofResponse,
    entry_json,
    head_json,
    proof_json,
)
from risksentinel.errors import Malformed, Violation
from risksentinel.http.cursor_pages import PageQuery, page_response
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.parameters import Parameters
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.payment_formats.payment_document import Moment
from risksentinel.ports.ledger_log import EntryFilter, LedgerRecords

PATH: Final = "/api/v1/ledger"
TAG: Final = Tag(
    name="ledger", description="The tamper-evident record of every decision and change"
)
Word = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[ -~]+$")]


class EntryQuery(PageQuery):
    """The filters and the page of the list of entries."""

    subject: Word | None = Field(None, description="The id of the payment, alert, rule or list")
    actor: Word | None = None
    action: Word | None = None
    since: Moment | None = Field(None, alias="from", description="The earliest time, included")
    until: Moment | None = Field(None, alias="to", description="The latest time, excluded")

    def filter(self) -> EntryFilter:
        """The filter of the query. Raises Malformed if `from` is later than `to`."""
        if self.since is not None and self.until is not None and self.since > self.until:
            raise Malformed([Violation("query.from", "must not be later than to")])
        return EntryFilter(self.subject, self.actor, self.action, self.since, self.until)


class EntryPath(Parameters):
    """The id of an entry."""

    entry_id: int = Field(ge=0, lt=10**15)  # exact as a float too, which the document needs


def routes(records: LedgerRecords) -> DescribedRoutes:
    """The routes that read the ledger."""
    api = DescribedRoutes("ledger", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.get(
        "/entries",
        summary="List entries of the ledger",
        description="Newest first, in pages. No entry contains an account number.",
        responses={200: LedgerEntryPage},
    )
    def listed(query: EntryQuery) -> Response:
        which = query.filter()
        return page_response(
            query, lambda after, most: records.entries(which, after, most), entry_json
        )

    @api.get(
        "/proof/<entry_id>",
        summary="Prove that the ledger contains an entry",
        description="The inclusion proof of RFC 6962, section 2.1.1. `docs/ledger-proof.py` checks "
        "it without RiskSentinel. 409 until the entry is chained, some seconds after its commit.",
        responses={200: ProofResponse, 404: ProblemDocument, 409: ProblemDocument},
    )
    def proof(path: EntryPath) -> Response:
        return jsonify(proof_json(records.proof(path.entry_id)))

    @api.get(
        "/head",
        summary="Show the signed head of the ledger",
        description="Keep it: a later ledger that does not contain its entries was changed.",
        responses={200: HeadResponse},
    )
    def head() -> Response:
        return jsonify(head_json(records.head()))

    return api
