"""POST a label: what a payment turned out to be."""

from http import HTTPStatus

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from functions.ingest.label_responses import LabelsResponse
from functions.ingest.payment_lists import PaymentPath
from functions.ingest.payments import PATH, TAG
from risksentinel.domain.label import Finding, LabelSource, Report
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import ActorHeader
from risksentinel.payment_formats.payment_document import Moment
from risksentinel.usecases.write_label import WriteLabel


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


def routes(write_label: WriteLabel) -> APIBlueprint:
    """The route that labels come in by."""
    api = APIBlueprint("payment_labels", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.post(
        "/<transaction_id>/label",
        summary="Say what a payment turned out to be",
        description="A chargeback, a customer's report or an analyst's finding. The same again "
        "changes nothing and gets 200; a later contrary word of the same source replaces the "
        "earlier one, which stays in the history.",
        responses={201: LabelsResponse, 200: LabelsResponse, 404: ProblemDocument},
    )
    def labelled(path: PaymentPath, header: ActorHeader, body: LabelBody) -> Response:
        report = Report(path.transaction_id, body.source, body.label, body.reported_at)
        written = write_label(report, header.actor)
        response = jsonify(LabelsResponse.serialize(written))
        response.status_code = HTTPStatus.OK if written.new is None else HTTPStatus.CREATED
        return response

    return api
