"""Replay: a dataset from its first payment on, each with what was known at its time."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

import numpy as np
from risksentinel.domain.habits import HabitBook, Habits

from ml.dataset import UNKNOWN, Dataset, Integers
from risksentinel.domain.party_state import SECONDS_A_DAY
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.features.matrix import Matrix, features
from risksentinel.scoring.features.table import NAMES

AT_ONCE: Final = 512
_ALL: Final = 2**31  # a file's accounts are all kept
Advance = Callable[[int], None]  # moves a progress bar on by so many payments


def feature_matrix(data: Dataset, options: Options, advance: Advance) -> Matrix:
    """The features of every payment; a label counts from the moment it became known."""
    found = np.empty((len(data), len(NAMES)), dtype=np.float32)
    habits: list[Habits] = []
    start = 0
    for habit in _habits(data):
        habits.append(habit)
        if len(habits) == AT_ONCE or start + len(habits) == len(data):
            end = start + len(habits)
            found[start:end] = features(data.payments[start:end], habits, options)
            advance(len(habits))
            habits, start = [], end
    return found


def _habits(data: Dataset) -> Iterator[Habits]:
    book = HabitBook(_ALL)
    # A label of a genuine payment says nothing that its age does not say: rates count payments.
    said = np.flatnonzero(data.fraud == 1) if (data.fraud != UNKNOWN).any() else np.array([], int)
    order = iter(said[np.argsort(data.known_at[said], kind="stable")].tolist())
    following = next(order, None)
    for second, payment in zip(data.at.tolist(), data.payments, strict=True):
        while following is not None and data.known_at[following] <= second:
            known = data.payments[following]
            book.label(known, known_moment(data, following), fraud=True)
            following = next(order, None)
        yield book.record(payment)


def known_moment(data: Dataset, place: int) -> datetime:
    """When the label became known."""
    return datetime.fromtimestamp(int(data.known_at[place]), UTC)


def days_of(data: Dataset) -> Integers:
    """The day of each payment since 1970, in UTC."""
    return data.at // SECONDS_A_DAY
