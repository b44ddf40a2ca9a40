"""POST a label: whether a payment was fraud."""

from http import HTTPStatus

from flask import Response, jsonify
from pydantic import BaseModel, ConfigDict, Field

from functions.ingest.label_responses import LabelsResponse
from functions.ingest.payment_lists import PaymentPath
from functions.ingest.payments import PATH, TAG
from risksentinel.domain.label import Finding, LabelSource, Report
from risksentinel.errors import Forbidden
from risksentinel.http.access import caller
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.payment_formats.payment_document import Moment
from risksentinel.usecases.write_label import WriteLabel


class LabelBody(BaseModel):
    """A finding on a payment, and its source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Finding = Field(description="withdrawn removes the earlier label of this source")
    source: LabelSource = Field(
        description="The strongest source decides the effective label: chargeback, then "
        "customer_report, then analyst"
    )
    reported_at: Moment | None = Field(
        default=None, description="When the source made its finding; default: now"
    )


def routes(write_label: WriteLabel) -> DescribedRoutes:
    """The route that takes labels."""
    api = DescribedRoutes("payment_labels", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.post(
        "/<transaction_id>/label",
        summary="Label a payment",
        description="A chargeback, a customer's report or an analyst's finding. The same label "
        "again changes nothing and gets 200. An analyst's later label replaces the earlier one, "
        "which stays in the history. Of other sources, contrary labels are in conflict, whatever "
        "their times: none is effective until an analyst labels the payment. A withdrawal cancels "
        "the labels of the same reporter only.",
        responses={201: LabelsResponse, 200: LabelsResponse, 404: ProblemDocument},
    )
    def labelled(path: PaymentPath, body: LabelBody) -> Response:
        if body.source not in caller().label_sources:
            raise Forbidden(f"the caller may not report labels of the source {body.source}")
        report = Report(path.transaction_id, body.source, body.label, body.reported_at)
        written = write_label(report, caller().name)
        response = jsonify(LabelsResponse.serialize(written))
        response.status_code = HTTPStatus.OK if written.new is None else HTTPStatus.CREATED
        return response

    return api
