"""GET payments: the list, one payment, and the explanation of its score."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from flask import Response, jsonify
from pydantic import Field

from functions.ingest.payment_responses import (
    ExplanationResponse,
    LabelledTransactionResponse,
    TransactionPage,
    TransactionResponse,
    labelled,
)
from functions.ingest.payments import PATH, TAG
from risksentinel.domain.reviewed import Reviewed
from risksentinel.domain.transaction import TransactionStatus
from risksentinel.domain.verdict import RiskLevel
from risksentinel.errors import Malformed, NotFound, Violation
from risksentinel.http.access import caller
from risksentinel.http.cursor_pages import PageQuery, page_response
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.parameters import Parameters
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.payment_formats.payment_document import Identifier, Moment
from risksentinel.ports.label_records import LabelRecords
from risksentinel.ports.transaction_records import TransactionFilter, TransactionRecords
from risksentinel.usecases.record_read import RecordRead

_WAITING: Final = "this transaction is not scored yet: retry in a moment"


class PaymentQuery(PageQuery):
    """The filters and the page of the list of payments."""

    status: TransactionStatus | None = None
    sender_id: Identifier | None = None
    risk_level: RiskLevel | None = None
    since: Moment | None = Field(
        None, alias="from", description="The earliest occurred_at, included"
    )
    until: Moment | None = Field(None, alias="to", description="The latest occurred_at, excluded")

    def filter(self) -> TransactionFilter:
        """The filter of the query. Raises Malformed if `from` is later than `to`."""
        if self.since is not None and self.until is not None and self.since > self.until:
            raise Malformed([Violation("query.from", "must not be later than to")])
        return TransactionFilter(
            self.status, self.sender_id, self.risk_level, self.since, self.until
        )


class PaymentPath(Parameters):
    """The id of a payment."""

    transaction_id: Identifier


class ExplanationQuery(Parameters):
    """What to explain besides the receipt."""

    explain: Literal["counterfactual"] | None = Field(
        None,
        description="counterfactual: also the least single changes of the payment with which its "
        "decision would be milder",
    )


Explain = Callable[[str], Mapping[str, Any]]  # a transaction's id -> its receipt with more


def routes(
    records: TransactionRecords,
    labels: LabelRecords,
    record_read: RecordRead,
    counterfactual: Explain,
) -> DescribedRoutes:
    """The routes that read payments."""
    api = DescribedRoutes("payment_lists", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.get(
        "/",
        summary="List payments",
        description="Newest first by `occurred_at`, in pages.",
        responses={200: TransactionPage},
    )
    def listed(query: PaymentQuery) -> Response:
        which = query.filter()
        return page_response(
            query,
            lambda after, most: records.transactions(which, after, most),
            TransactionResponse.serialize,
        )

    @api.get(
        "/<transaction_id>",
        summary="Show a payment",
        description="With its effective label: a chargeback outranks a customer's report, and that "
        "outranks an analyst's finding.",
        responses={200: LabelledTransactionResponse, 404: ProblemDocument},
    )
    def one(path: PaymentPath) -> Response:
        payment = records.transaction(path.transaction_id)
        record_read(caller(), "transaction", path.transaction_id)
        reviewed = Reviewed(payment.transaction, tuple(labels.of(path.transaction_id)))
        return jsonify(labelled(payment, reviewed.standing))

    @api.get(
        "/<transaction_id>/score",
        summary="Explain a score",
        description="The receipt, as it was stored when the payment was scored. 404 until the "
        "payment is scored. It is for analysts: a receipt names statutory reports, and must not be "
        "shown to the payer.",
        responses={200: ExplanationResponse, 404: ProblemDocument},
    )
    def explained(path: PaymentPath, query: ExplanationQuery) -> Response:
        read = records.explanation if query.explain is None else counterfactual
        try:
            receipt = read(path.transaction_id)
        except NotFound:
            records.transaction(path.transaction_id)  # raises if the payment does not exist
            raise NotFound(_WAITING) from None
        record_read(caller(), "transaction", path.transaction_id)
        return jsonify(receipt)

    return api
