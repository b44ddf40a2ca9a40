"""Every stored decision is computed again to the last digit, on SQLite and on PostgreSQL."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select, update

from risksentinel.adapters.sql.engine import reading, writing
from risksentinel.adapters.sql.packed_receipt import pack, unpack
from risksentinel.adapters.sql.tables import decision_bases, risk_scores, transactions
from risksentinel.domain.policy_version import PROMOTED
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import GRAVITY
from risksentinel.scoring.policy import Policy
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.emptied import emptied
from tests.fakes.scoring import RULES
from tests.strategies import NOW
from tests.usecases.payments import RISKY
from tests.usecases.payments import paid as _paid
from tests.usecases.replay_bench import (
    explainer,
    named,
    scored_one_by_one_and_together,
    scorer,
    sequences,
    verifier,
)


@settings(EFFORT, max_examples=12)
@given(paid=sequences, with_model=st.booleans(), model=st.sampled_from([PROMOTED, named()]))
def test_every_decision_is_computed_again(
    database: Engine, paid: Sequence[Transaction], model: str, *, with_model: bool
) -> None:
    """An auditor computes the decisions of a year again; a decision that differs is a fault."""
    policy = Policy(model=model)
    score = scorer(emptied(database), with_model=with_model, policy=policy)

    scored_one_by_one_and_together(score, paid)
    found = list(verifier(database).since(NOW.replace(year=1990)))

    assert len(found) == len(paid)
    assert [each for each in found if not each.is_equal] == []


@settings(EFFORT, max_examples=12)
@given(paid=sequences)
def test_a_change_that_is_answered_is_milder(database: Engine, paid: Sequence[Transaction]) -> None:
    """The search must find nothing that the scoring itself does not say."""
    scored_one_by_one_and_together(scorer(emptied(database), with_model=False), paid)

    for payment in paid:
        receipt = explainer(database)(payment.id)
        for change in receipt["counterfactual"] or ():
            assert GRAVITY[change["decision"]] < GRAVITY[receipt["decision"]]
        if receipt["reports"] or receipt["decision"] == "approve":
            assert receipt["counterfactual"] is None


def _receipt(engine: Engine) -> dict[str, Any]:
    with reading(engine) as connection:
        receipt: dict[str, Any] = unpack(connection.scalars(select(risk_scores.c.receipt)).one())
    return receipt


def _store(engine: Engine, receipt: dict[str, Any]) -> None:
    with writing(engine) as connection:
        connection.execute(update(risk_scores).values(receipt=pack(receipt)))


@pytest.fixture
def one(engine: Engine) -> Iterator[Engine]:
    """A database with one decision of a model; the test may forge it."""
    scorer(engine, with_model=True)([_paid("p-1", RISKY)], "/test", {})
    yield engine
    with writing(engine) as connection:  # nothing else computes it again
        connection.execute(delete(decision_bases))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("score", 0.01),
        ("decision", "approve"),
        ("reasons", []),
        ("thresholds.high", 0.75),
        ("signals.ml.details.features.hour", 3.5),
        ("signals.ml.details.rank", 0.5),
        ("signals.velocity.details.count", 2),
        ("signals.anomaly.details.mean_zar", 12.5),
        ("inputs.known", [1, 0, 0, 0, 0, 0]),
        ("inputs.new", False),
        ("inputs.lists", {"names": []}),
        ("inputs.digest", "0"),
        ("input.amount_zar", "75000.01"),
        ("scored_at", "2026-05-01T12:00:01Z"),
        ("ml_weight", 0.5),
    ],
)
def test_a_forged_member_is_named(one: Engine, path: str, value: object) -> None:
    """The auditor must see which member of a receipt was changed."""
    receipt = _receipt(one)
    inner, names = receipt, path.split(".")
    for name in names[:-1]:
        inner = inner[name]
    inner[names[-1]] = value
    _store(one, receipt)

    found = verifier(one).one("p-1")

    assert found.differences
    assert found.not_verifiable is None


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        ("decision", "approve", "row.decision"),
        ("score", Decimal("0.1000"), "row.score"),
        ("risk_level", "low", "row.risk_level"),
        ("reasons", ["nothing"], "row.reasons"),
    ],
)
def test_a_forged_column_is_named(one: Engine, column: str, value: object, named: str) -> None:
    """Pages and totals read the columns, not the receipt."""
    with writing(one) as connection:
        connection.execute(update(risk_scores).values({column: value}))

    found = verifier(one).one("p-1")

    assert named in {difference.path.split("[")[0] for difference in found.differences}


def test_a_forged_payment_is_a_difference(one: Engine) -> None:
    """The amount in the table of payments must be that of the receipt."""
    with writing(one) as connection:
        connection.execute(update(transactions).values(receiver_id="somebody-else"))

    assert "input.receiver_id" in {each.path for each in verifier(one).one("p-1").differences}


def test_a_basis_with_another_policy_is_a_difference(one: Engine) -> None:
    """The digest in the receipt is that of the policy."""
    with writing(one) as connection:
        document = connection.scalars(select(decision_bases.c.document)).one()
        policy = {**document["policy"], "critical": "0.99"}
        changed = {**document, "policy": policy}
        connection.execute(update(decision_bases).values(document=changed))

    paths = {each.path for each in verifier(one).one("p-1").differences}

    assert {"basis", "thresholds.critical"} <= paths


def test_a_model_that_is_gone_is_not_verifiable(one: Engine) -> None:
    """Unknown is not equal, and not different either."""
    found = verifier(one, has_model=False).one("p-1")

    assert found.not_verifiable == "model version v1 is not in the registry"
    assert not found.is_equal


def test_a_receipt_of_an_earlier_release_is_not_verifiable(one: Engine) -> None:
    """Receipts are stored for years, and the first ones have no inputs."""
    receipt = _receipt(one)
    del receipt["inputs"]
    _store(one, receipt)

    found = verifier(one).one("p-1")

    assert found.not_verifiable is not None
    assert "earlier release" in found.not_verifiable


def test_a_basis_is_stored_once_and_names_every_rule(engine: Engine) -> None:
    """Receipts have the digest of what decided, rules that did not fire included."""
    score = scorer(engine, with_model=False)
    score([_paid("p-1"), _paid("p-2")], "/test", {})
    score([_paid("p-3")], "/test", {})
    scorer(engine, with_model=False)([_paid("p-4")], "/test", {})
    scorer(engine, with_model=False, policy=Policy(velocity_max_count=9))([_paid("p-5")], "/t", {})

    with reading(engine) as connection:
        documents = connection.scalars(select(decision_bases.c.document)).all()

    assert len(documents) == 2
    assert {name for name, _ in documents[0]["rules"]} == {rule.reference for rule in RULES}
