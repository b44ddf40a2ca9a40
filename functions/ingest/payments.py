"""POST one payment or a batch: scored at once, or accepted and scored later."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import quote

from flask import Response, jsonify, request
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from functions.ingest.decision_responses import (
    BatchResponse,
    DecisionResponse,
    decided,
    waiting,
)
from functions.ingest.idempotency_key import HEADER, IdempotencyKey, key_conflict, named_by
from functions.ingest.payment_body import described_body, read_payment
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Conflict, Malformed
from risksentinel.events.sources import INGEST
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.parameters import Parameters, reads_headers
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.problems import problem_of
from risksentinel.http.rate_limits import charge
from risksentinel.http.requests import id_of
from risksentinel.payment_formats.payment_document import PaymentDocument, document
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.telemetry import tracing
from risksentinel.text import strict_json
from risksentinel.usecases.submit_payments import PaymentAnswer, SubmitPayments

PATH: Final = "/api/v1/transactions"
MAX_IN_A_BATCH: Final = 500
TAG: Final = Tag(name="transactions", description="Payments, their scores and the explanations")


def _read(value: object) -> PaymentDocument | Malformed:
    """Read one payment of a batch; an invalid payment does not fail the others."""
    if not isinstance(value, dict):
        return Malformed("must be a JSON object")
    try:
        return document(value)
    except Malformed as malformed:
        return malformed


class BatchBody(BaseModel):
    """Up to 500 payments; each gets its own result."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    transactions: Annotated[
        list[
            Annotated[
                PaymentDocument | Malformed,
                PlainValidator(_read, json_schema_input_type=PaymentDocument),
            ]
        ],
        Field(min_length=1, max_length=MAX_IN_A_BATCH),
    ]
    learn_only: bool = Field(
        default=False,
        strict=True,
        description="Whether the payments are imported history: they are scored and stored, and "
        "update the habits, without alerts, events and statutory reports",
    )


class PaymentHeaders(Parameters):
    """The headers of a payment or a batch."""

    prefer: str = Field(
        "",
        alias="Prefer",
        description="`respond-async` accepts the payment at once and scores it later",
    )

    @property
    def wait(self) -> bool:
        """Whether the response waits for the score."""
        return "respond-async" not in {each.strip().lower() for each in self.prefer.split(",")}


class OnePaymentHeaders(PaymentHeaders):
    """The headers of one payment."""

    idempotency_key: IdempotencyKey | None = Field(
        None,
        alias=HEADER,
        description="Identifies a payment that has no id: the same key of the same sender "
        "gets the first response again. Ignored if the body has an id",
    )


@dataclass(frozen=True, slots=True)
class _Answered:
    """The HTTP status and the JSON body of one payment's answer."""

    status: HTTPStatus
    body: dict[str, Any]


def routes(submit: SubmitPayments) -> DescribedRoutes:
    """The routes that take payments."""
    api = DescribedRoutes("payments", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.post(
        "/",
        summary="Score a payment",
        description="The same id, or the same `Idempotency-Key` of a payment without an id, gets "
        "the first response again, with 200. With the header `Prefer: respond-async` the payment "
        "is accepted with 202 and scored later.",
        responses={
            201: DecisionResponse,
            200: DecisionResponse,
            202: DecisionResponse,
            409: ProblemDocument,
        },
        openapi_extensions=described_body(api),
    )
    @reads_headers
    def create(header: OnePaymentHeaders) -> Response:
        body = read_payment()
        payment = named_by(header.idempotency_key, body)
        (answer,) = _submitted(submit, [payment], wait=header.wait)
        if isinstance(answer, Conflict) and payment is not body:
            # The id was derived from the key: the error names the header, not the id.
            raise key_conflict()
        if isinstance(answer, Exception):
            raise answer
        tracing.payment(answer)
        answered = _answered(answer)
        return Response(
            strict_json.encode(answered.body),
            answered.status,
            {"Location": f"{PATH}/{quote(answered.body['id'], safe='')}"},
            content_type="application/json",
        )

    @api.post(
        "/batch",
        summary="Score up to 500 payments",
        description="One result for each payment, in order: 200 if all were accepted, else 207. "
        "With `learn_only` the payments are scored at once, whatever the header `Prefer` is.",
        responses={200: BatchResponse, 207: BatchResponse},
    )
    def create_many(header: PaymentHeaders, body: BatchBody) -> Response:
        charge(len(body.transactions) - 1)
        answers = _submitted(
            submit, body.transactions, wait=header.wait, learn_only=body.learn_only
        )
        answered = [_answered(answer) for answer in answers]
        fine = all(one.status < HTTPStatus.BAD_REQUEST for one in answered)
        response = jsonify({"results": [_result(n, one) for n, one in enumerate(answered)]})
        response.status_code = HTTPStatus.OK if fine else HTTPStatus.MULTI_STATUS
        return response

    return api


def _submitted(
    submit: SubmitPayments,
    payments: Sequence[PaymentDocument | Malformed],
    *,
    wait: bool,
    learn_only: bool = False,
) -> list[PaymentAnswer]:
    origins = [tracing.origin(request.headers.get("traceparent"))] * len(payments)
    return submit(payments, INGEST, wait=wait, traceparents=origins, learn_only=learn_only)


def _answered(answer: PaymentAnswer) -> _Answered:
    if isinstance(answer, StoredVerdict):
        return _Answered(HTTPStatus.CREATED if answer.created else HTTPStatus.OK, decided(answer))
    if isinstance(answer, Transaction):
        return _Answered(HTTPStatus.ACCEPTED, waiting(answer))
    problem = problem_of(answer)
    return _Answered(problem.status, problem.members(id_of(request)))


def _result(index: int, answered: _Answered) -> dict[str, Any]:
    kind = "transaction" if answered.status < HTTPStatus.BAD_REQUEST else "problem"
    return {"index": index, "status": int(answered.status), kind: answered.body}
