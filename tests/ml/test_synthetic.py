from collections import Counter

import numpy as np

from ml.synthetic import drawn_cases, synthetic
from ml.typologies import TYPOLOGIES
from risksentinel.domain.transaction import Channel, Rail


def test_the_same_seed_gives_the_same_payments() -> None:
    """Another seed gives other payments."""
    first, second, other = (synthetic(seed, count=20, days=20).sha256 for seed in (1, 1, 2))

    assert first == second != other


def test_frauds_are_few_and_known_later() -> None:
    """As in real data, where labels arrive late."""
    data = synthetic(1, count=100, days=40)

    assert 0 < (data.fraud == 1).mean() < 0.1
    assert (data.known_at > data.at).all()
    assert (np.diff(data.at) >= 0).all()


def test_every_typology_is_generated() -> None:
    """Models and rules are tested on each typology."""
    cases = drawn_cases(1, count=40, days=40).cases

    assert {case.typology for case in cases if case is not None} == set(TYPOLOGIES)


def test_everyday_life_has_its_runs_and_its_cash() -> None:
    """The model must learn wages, grants, takings, cash machines and savings clubs as usual."""
    data = synthetic(1, count=80, days=60)

    genuine = [
        payment for payment, fraud in zip(data.payments, data.fraud, strict=True) if not fraud
    ]
    counts = Counter(payment.sender_id for payment in genuine)
    assert counts["SASSA"] == 2 * 16  # two months, every fifth person
    assert any(payment.receiver_id.startswith("stokvel") for payment in genuine)
    assert {payment.channel for payment in genuine} == set(Channel)
    assert {payment.rail for payment in genuine} == set(Rail) - {Rail.RTC, Rail.RTGS}


def test_a_sim_swap_has_its_time_and_device() -> None:
    """The rules on SIM swaps need these fields."""
    drawn = drawn_cases(1, count=40, days=60)

    swaps = [
        payment
        for payment, case in zip(drawn.data.payments, drawn.cases, strict=True)
        if case is not None and case.typology == "sim_swap"
    ]
    assert swaps
    assert all(payment.sim_swapped_at and payment.beneficiary_added_at for payment in swaps)
    assert all((payment.device_id or "").startswith("thief") for payment in swaps)
