"""The embedded engine without HTTP, for the import of payment files."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from risksentinel.assembly.payment_submission import submit_payments
from risksentinel.domain.transaction import Transaction
from risksentinel.embedded.engine import running
from risksentinel.errors import Conflict, Malformed
from risksentinel.events.sources import INGEST
from risksentinel.payment_files.sinks import Documents, PaymentResult
from risksentinel.payment_formats.payment_document import PaymentDocument, document
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.settings import Settings
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.submit_payments import PaymentAnswer


@contextmanager
def direct_engine(
    *, learn_only: bool = False
) -> Iterator[Callable[[Documents], list[PaymentResult]]]:
    """Run the embedded engine; the function that it yields scores a batch of payments.

    With `learn_only` the payments are imported into the history and raise no alert.
    """
    with running(Settings.read()) as engine:
        # A file that an operator imports is no attempt to avoid a limit by a false date.
        submit = submit_payments(engine.container, FunctionMetrics("ingest"), never_late=True)

        def score(documents: Documents) -> list[PaymentResult]:
            payments = [_read(one) for one in documents]
            answers = submit(
                payments,
                INGEST,
                wait=True,
                traceparents=[None] * len(payments),
                learn_only=learn_only,
            )
            return [_result(answer) for answer in answers]

        yield score


def _read(payment: Mapping[str, Any]) -> PaymentDocument | Malformed:
    try:
        return document(payment)
    except Malformed as malformed:
        return malformed


def _result(answer: PaymentAnswer) -> PaymentResult:
    if isinstance(answer, StoredVerdict):
        status = HTTPStatus.CREATED if answer.created else HTTPStatus.OK
        verdict, alerted = answer.scored.verdict, answer.alert_id is not None
        level, decision = verdict.risk_level.value, verdict.decision.value
        return PaymentResult(status, level, alerted=alerted, decision=decision)
    if isinstance(answer, Transaction):
        return PaymentResult(HTTPStatus.ACCEPTED)
    status = HTTPStatus.CONFLICT if isinstance(answer, Conflict) else HTTPStatus(422)
    return PaymentResult(status, violations=answer.violations)
