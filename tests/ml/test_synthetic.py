import numpy as np

from ml.synthetic import synthetic
from ml.typologies import TYPOLOGIES


def test_the_same_seed_gives_the_same_payments() -> None:
    """And another seed others."""
    first, second, other = (synthetic(seed, count=20, days=20).sha256 for seed in (1, 1, 2))

    assert first == second != other


def test_frauds_are_few_and_known_later() -> None:
    """As in life."""
    data = synthetic(1, count=100, days=40)

    assert 0 < (data.fraud == 1).mean() < 0.1
    assert (data.known_at > data.at).all()
    assert (np.diff(data.at) >= 0).all()


def test_the_typologies_of_the_country_are_there() -> None:
    """Those that DESIGN names."""
    assert set(TYPOLOGIES) == {
        "sim_swap",
        "impersonation",
        "changed_bank_details",
        "mule",
        "structuring",
        "late_night_burst",
        "salary_day_drain",
        "card_not_present",
    }
