"""A version in shadow with another model decides as it would if it were live."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from risksentinel.domain.model_version import Pointer
from risksentinel.domain.policy_version import PROMOTED
from risksentinel.domain.signal import Absence, Opinion, Reading, Silent
from risksentinel.ports.opinions import Edition
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.scoring.policy import Policy
from tests.fakes.scoring import RULES, FixedModel
from tests.usecases.payments import paid
from tests.usecases.shadow_bench import SOURCE, Bench, ShadowedRules, in_shadow

ONE = Pointer(version="v1", manifest_sha256="1" * 64).choice
TWO = Pointer(version="v2", manifest_sha256="2" * 64).choice
CHOICES = (None, PROMOTED, ONE, TWO)
LOST = Silent("version v2 cannot be used", absence=Absence.MISSING)
opinions = st.one_of(
    st.floats(0, 1).map(lambda risk: Reading(round(risk, 6), ("model",))),
    st.sampled_from([LOST, Silent("no model is promoted")]),
)


class Live(ShadowedRules):
    """A rule book with a live policy that a test sets."""

    policy = Policy()

    @override
    def edition(self) -> Edition:
        """The default rules under the policy, and the shadow."""
        return Edition(RULES, replace(self.policy, version=1), self.shadow)


def bench(live: str | None, shadow: str | None, said: dict[str, Opinion]) -> Bench:
    """Scoring by the model `live`, with a version in shadow by the model `shadow`."""
    rules = Live(in_shadow(Policy().choosing(shadow)).shadow)
    rules.policy = Policy().choosing(live)
    return Bench(rules, model=FixedModel(versions=said))


@settings(max_examples=80)
@given(
    live=st.sampled_from(CHOICES),
    shadow=st.sampled_from(CHOICES),
    said=st.fixed_dictionaries({PROMOTED: opinions, ONE: opinions, TWO: opinions}),
    rand=st.lists(st.integers(1, 90_000), min_size=1, max_size=6),
)
def test_the_shadow_gives_what_its_model_would_give_live(
    live: str | None, shadow: str | None, said: dict[str, Opinion], rand: list[int]
) -> None:
    """Else a promotion would not do what its comparison showed."""
    beside, alone = bench(live, shadow, said), bench(shadow, None, said)
    batch = [paid(f"t{number}", f"{amount}.00") for number, amount in enumerate(rand)]

    beside.score(batch, SOURCE, {})
    beside.passes()
    answers = alone.score(batch, SOURCE, {})

    verdicts = [each.scored.verdict for each in answers if isinstance(each, StoredVerdict)]
    assert len(verdicts) == len(batch)
    assert [
        (each.transaction_id, each.shadow.decision, each.shadow.score, each.reasons)
        for each in beside.stored
    ] == [
        (verdict.transaction_id, verdict.decision, verdict.score, verdict.reasons)
        for verdict in verdicts
    ]


@pytest.mark.parametrize("choice", [PROMOTED, ONE])
def test_the_opinion_of_the_same_model_is_not_computed_twice(choice: str) -> None:
    """It costs as much as the rest of a decision."""
    same = bench(choice, choice, {choice: Reading(0.4, ("model",))})

    same.score([paid("t1")], SOURCE, {})
    same.passes()

    assert len(same.model.asked) == 1
    assert not same.stored[0].differs


def test_a_payment_of_an_earlier_policy_is_asked_about_again() -> None:
    """Payments that wait for the shadow may have been decided before a promotion."""
    found = bench(None, TWO, {TWO: Reading(0.9, ("model",))})
    found.score([paid("t1")], SOURCE, {})
    rules = found.rules
    assert isinstance(rules, Live)
    rules.policy = Policy(model=TWO)
    found.score([paid("t2")], SOURCE, {})

    found.passes()

    asked = [[facts.transaction.id for facts in batch] for batch in found.model.asked]
    assert asked == [["t2"], ["t1"]]
