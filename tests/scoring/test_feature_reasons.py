from math import nan
from time import perf_counter

import pytest

from risksentinel.scoring.features.reasons import MAX_REASONS, PHRASES, Phrase, reasons
from risksentinel.scoring.features.table import FEATURES, NAMES
from tests.timing import assert_within, in_time

UNKNOWN = dict.fromkeys(NAMES, nan)


def row(**known: float) -> list[float]:
    """Return a row in which only these features are known."""
    return list((UNKNOWN | known).values())


def test_the_most_anomalous_comes_first() -> None:
    """Reasons are ordered by how anomalous the feature is."""
    found = reasons(row(amount_to_median=8.0, receiver_is_new=1.0))

    assert found == ("8 times this sender's usual amount", "first payment to this receiver")


def test_a_usual_payment_has_no_reasons() -> None:
    """A usual payment must have no reason."""
    assert reasons(row(amount_to_median=1.2, receiver_is_new=0.0)) == ()
    assert reasons(row()) == ()


def test_each_subject_has_one_reason() -> None:
    """Several reasons about the amount would hide other reasons."""
    known = row(amount_to_median=90.0, amount_to_largest=20.0, hour_surprise=6.0, unusual_24h=4.0)

    found = reasons(known)

    assert len(found) == MAX_REASONS
    assert sum("amount" in words for words in found) == 1


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.feature)
def test_a_phrase_is_used_from_its_least_value_on(phrase: Phrase) -> None:
    """Below the least value there is no reason."""
    name, least = phrase.feature, phrase.least

    assert name in FEATURES
    assert reasons(row(**{name: least}))
    assert not reasons(row(**{name: least * 0.99}))


@in_time
def test_reasons_take_less_than_a_millisecond() -> None:
    """Reasons are computed during scoring."""
    known = row(**dict.fromkeys(NAMES, 50.0))
    began = perf_counter()

    for _ in range(20):
        reasons(known)

    assert_within((perf_counter() - began) / 20, 1e-3)
