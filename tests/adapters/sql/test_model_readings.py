from dataclasses import replace

from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.model_readings import model_readings
from risksentinel.domain.verdict import Scored
from tests.adapters.sql.samples import NOW, payment, scored


def read_by_the_model(name: str) -> Scored:
    """A payment with an opinion of the model."""
    pair = scored(payment(name))
    signals = {"ml": {"status": "ok", "details": {"payment": name}}}
    explanation = {**pair.verdict.explanation, "signals": signals}
    return Scored(pair.transaction, replace(pair.verdict, explanation=explanation))


def test_imported_history_is_no_drift(engine: Engine) -> None:
    """Last year's payments that are imported today would look like a drift of today's payments."""
    new, old = read_by_the_model("new"), read_by_the_model("old")
    with SqlLedger(engine).unit() as unit:
        unit.keep([new, Scored(old.transaction, old.verdict.learnt())])

    assert list(model_readings(engine, NOW, 9)) == [{"payment": "new"}]
