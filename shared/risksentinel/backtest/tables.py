"""Sides: the segments of both policies beside each other, as columns of numpy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from risksentinel.domain.verdict import Decision
from risksentinel.errors import Rejected

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CODES: Final[Mapping[str, int]] = {each.value: code for code, each in enumerate(Decision)}
_OFFSET: Final = 2 * 3_600  # seconds: South Africa is two hours ahead of UTC all year
_A_DAY: Final = 86_400
_MICROSECONDS: Final = 1_000_000


class DecidedSide(Protocol):
    """What one policy decided, in segments; equal sides are one side."""

    @property
    def remedy(self) -> str:
        """What an operator does to begin again."""

    def digest(self) -> str:
        """A digest of all events that were decided."""

    def tables(self) -> Iterator[Any]:
        """Yield the table of each segment, in order."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What one policy decided of the payments of one segment. `decisions` are of CODES."""

    table: Any
    decisions: Ints
    alerts: Bools

    @classmethod
    def of(cls, table: Any) -> "Columns":  # noqa: ANN401 - pyarrow has no types
        """Read the columns of a segment."""
        decisions = [CODES[each] for each in table.column("decision").to_pylist()]
        alerts = table.column("alert").to_numpy(zero_copy_only=False)
        return cls(table, np.array(decisions, np.int64), alerts.astype(np.bool_))

    @property
    def flagged(self) -> Bools:
        """Which payments are not approved."""
        flagged: Bools = self.decisions != CODES[Decision.APPROVE.value]
        return flagged


@dataclass(frozen=True, slots=True)
class Both:
    """One segment: the payments, and what both policies decided."""

    candidate: Columns
    compared: Columns
    cents: Ints
    days: Ints  # of the payments, since 1970, in South Africa
    fraud: Bools
    genuine: Bools

    @property
    def changed(self) -> Bools:
        """Where the decisions, or the alerts, differ."""
        decisions = self.candidate.decisions != self.compared.decisions
        changed: Bools = decisions | (self.candidate.alerts != self.compared.alerts)
        return changed

    def rows(self, where: Bools) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield the chosen payments, each with the row of both policies."""
        places = np.flatnonzero(where)
        ours = self.candidate.table.take(places).to_pylist()
        yield from zip(ours, self.compared.table.take(places).to_pylist(), strict=True)


def both(candidate: DecidedSide, compared: DecidedSide) -> Iterator[Both]:
    """Yield the segments of both policies in order.

    Raises:
        Rejected: the policies were not given the same payments and labels.
    """
    changed = Rejected(
        "payments or labels changed between the two policies: "
        f"{candidate.remedy}, and give an earlier --until"
    )
    if candidate.digest() != compared.digest():
        raise changed
    if candidate == compared:
        for table in candidate.tables():
            columns = Columns.of(table)
            yield _both(table, columns, columns)
        return
    for table, other in zip_longest(candidate.tables(), compared.tables()):
        if table is None or other is None:
            raise changed
        yield _both(table, Columns.of(table), Columns.of(other))


def _both(table: Any, candidate: Columns, compared: Columns) -> Both:  # noqa: ANN401 - pyarrow
    at = table.column("occurred_at").cast("int64").to_numpy()
    known = table.column("fraud").to_pylist()
    return Both(
        candidate,
        compared,
        table.column("cents").to_numpy(),
        (at // _MICROSECONDS + _OFFSET) // _A_DAY,
        np.array([each is True for each in known], np.bool_),
        np.array([each is False for each in known], np.bool_),
    )


def named(columns: Columns, of: str) -> Iterator[tuple[str, Ints]]:
    """Yield each name of a column of lists, with the places of the payments that have it."""
    import pyarrow.compute as pc  # type: ignore[import-untyped] # pyarrow ships no types

    column = columns.table.column(of).combine_chunks()
    places = pc.list_parent_indices(column).to_numpy()
    encoded = pc.list_flatten(column).dictionary_encode()
    codes = encoded.indices.to_numpy()
    names: Sequence[str] = encoded.dictionary.to_pylist()
    for code, name in enumerate(names):
        yield name, places[codes == code]
