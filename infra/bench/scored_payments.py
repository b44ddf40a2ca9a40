"""score_payments: generated payments, scored by the engine in batches without HTTP."""

from infra.bench.figures import payments
from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.tables import outbox
from risksentinel.assembly.container import Container
from risksentinel.assembly.scoring import score_transactions
from risksentinel.events.sources import INGEST
from risksentinel.payment_formats.payment_document import document
from risksentinel.ports.history import RebuildableHistory
from risksentinel.telemetry.metrics import FunctionMetrics

BATCH = 100


def score_payments(container: Container, history: RebuildableHistory, count: int) -> None:
    """Score and store `count` payments; their events stay in the outbox."""
    stated = list(payments(count))
    score = score_transactions(container, FunctionMetrics("bench"), history)
    for start in range(0, count, BATCH):
        read = [document(one) for one in stated[start : start + BATCH]]
        score([one.transaction(str, container.clock()) for one in read], INGEST, {})


def discard_events(container: Container) -> None:
    """Empty the outbox, as the relay does."""
    with writing(container.engine) as connection:
        connection.execute(outbox.delete())
