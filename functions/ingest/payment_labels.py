"""POST a label: what a payment turned out to be."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from functions.ingest.label_answers import Said, said
from functions.ingest.payment_lists import ById
from functions.ingest.payments import PATH, TAG
from risksentinel.domain.label import Finding, Label, LabelSource, Report
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import ActorHeader
from risksentinel.payment_formats.payment_document import Moment
from risksentinel.usecases.write_label import WriteLabel, WrittenLabel


class LabelBody(BaseModel):
    """What was found, and who found it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Finding = Field(description="withdrawn: what this source said before holds no longer")
    source: LabelSource = Field(
        description="A chargeback outranks a customer's report, and that an analyst's word"
    )
    reported_at: Moment | None = Field(
        default=None, description="When the source found out; now, if left out"
    )


class LabelAnswer(BaseModel):
    """What the payment counts as by now, and everything that was said of it."""

    transaction_id: str
    label: Finding | None = Field(description="Null while nobody knows")
    source: LabelSource | None = Field(description="Whose word counts")
    history: list[Said]


def routes(write_label: WriteLabel) -> APIBlueprint:
    """The route that labels come in by."""
    api = APIBlueprint("payment_labels", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.post(
        "/<transaction_id>/label",
        summary="Say what a payment turned out to be",
        description="A chargeback, a customer's report or an analyst's finding. The same again "
        "changes nothing and gets 200; a later contrary word of the same source replaces the "
        "earlier one, which stays in the history.",
        responses={201: LabelAnswer, 200: LabelAnswer, 404: ProblemDocument},
    )
    def labelled(path: ById, header: ActorHeader, body: LabelBody) -> Response:
        report = Report(path.transaction_id, body.source, body.label, body.reported_at)
        written = write_label(report, header.actor)
        response = jsonify(_shown(written))
        response.status_code = HTTPStatus.OK if written.new is None else HTTPStatus.CREATED
        return response

    return api


def _shown(written: WrittenLabel) -> dict[str, Any]:
    reviewed = written.reviewed
    standing = reviewed.standing
    return {
        "transaction_id": reviewed.transaction.id,
        "label": standing and standing.finding,
        "source": standing and standing.source,
        "history": [said(label) for label in sorted(reviewed.said, key=_written_at)],
    }


def _written_at(label: Label) -> datetime:
    return label.written_at
