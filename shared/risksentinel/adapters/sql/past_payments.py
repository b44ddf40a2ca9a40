"""SqlPast: stored payments and labels in the order in which the engine decided and learnt them.

Payments of one request have one time. If two of them have a common account, the audit log has their
order; without its entries it is the order of their ids.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Engine, Row, Select, func, or_, select

from risksentinel.adapters.sql.chunks import among, chunks
from risksentinel.adapters.sql.engine import looking, reading
from risksentinel.adapters.sql.id_claims import SCORE_OF_ITS_PAYMENT
from risksentinel.adapters.sql.payment_rows import transaction_of
from risksentinel.adapters.sql.receipts import RECEIPT, receipt_of
from risksentinel.adapters.sql.tables import audit_log, risk_scores, transactions
from risksentinel.domain.label import Finding
from risksentinel.domain.reviewed import Labelled
from risksentinel.domain.verdict import Decision
from risksentinel.scoring.partitions.past_events import PastEvent, PastLabel, PastPayment

ROWS_AT_ONCE: Final = 2_000
_WAITED: Final = timedelta(days=7)  # longest between the receipt and the score of a queued payment
_SCORED: Final = select(transactions, risk_scores.c.scored_at, risk_scores.c.decision).join(
    risk_scores, SCORE_OF_ITS_PAYMENT
)
_RECEIPTS: Final = select(risk_scores.c.transaction_id, *RECEIPT)
_ENTRIES: Final = select(audit_log.c.id, audit_log.c.subject_id, audit_log.c.details).where(
    audit_log.c.action == "transaction.scored"
)
_AT: Final = attrgetter("scored_at")


@dataclass(frozen=True, slots=True)
class Period:
    """Payments scored from `since` to `until`, which is excluded.

    Those since `warm_since` come before with their stored decisions: habits are known from them.
    """

    warm_since: datetime
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Lateness:
    """After how long a payment is late: `least` by any of the policies, `live` by the live one."""

    least: timedelta | None
    live: timedelta | None


class Accounts(NamedTuple):
    """Senders, and receivers."""

    payers: Collection[str]
    payees: Collection[str]


@dataclass(frozen=True, slots=True)
class SqlPast:
    """Reads a period in one snapshot of the database; `labels` are all of it, by time.

    With `of`, the events are the payments of these senders and to these receivers.
    """

    engine: Engine
    period: Period
    lateness: Lateness
    labels: Sequence[Labelled]
    of: Accounts | None = None

    def count(self) -> int:
        """The number of payments of all accounts, those before `since` included."""
        query = self._within(select(func.count()).select_from(risk_scores))
        with looking(self.engine) as connection:
            return int(connection.execute(query).scalar_one())

    def events(self) -> Iterator[PastEvent]:
        """Yield payments and labels in order.

        A payment that was imported is never late. The receipt of the others says whether they were
        late by the live policy.
        """
        known = {each.transaction.id: each.standing for each in self.labels}
        orders: dict[str, int] = {}
        waiting = iter([each for each in self.labels if self._is_learnt(each)])
        label, order = next(waiting, None), 0
        for row, never_late in self._rows():
            while label is not None and label.label.written_at <= row.scored_at:
                yield _label_of(label, order, orders)
                label, order = next(waiting, None), order + 1
            if row.id in known:
                orders[row.id] = order
            yield PastPayment(
                order,
                transaction_of(row),
                row.scored_at,
                Decision(row.decision) if row.scored_at < self.period.since else None,
                never_late,
                _fraud(known.get(row.id)),
            )
            order += 1

    def _is_learnt(self, change: Labelled) -> bool:
        """Whether a history learns the label: it changes something, in the time that is read."""
        is_new = change.label.written_at >= self.period.warm_since
        return is_new and change.before is not change.standing

    def _rows(self) -> Iterator[tuple[Row[Any], bool]]:
        query = self._within(_SCORED).order_by(
            risk_scores.c.scored_at, risk_scores.c.transaction_id
        )
        query = query.where(transactions.c.received_at >= self.period.warm_since - _WAITED)
        if self.of is not None:
            query = query.where(
                or_(
                    among(self.engine, transactions.c.sender_id, sorted(self.of.payers)),
                    among(self.engine, transactions.c.receiver_id, sorted(self.of.payees)),
                )
            )
        with reading(self.engine) as connection:
            streaming = connection.execution_options(yield_per=ROWS_AT_ONCE)
            with streaming.execute(query) as result:
                for page in _pages(result):
                    never_late = self._never_late(page)
                    for row in self._ordered(page):
                        yield row, row.id in never_late

    def _within(self, query: Select[Any]) -> Select[Any]:
        at = risk_scores.c.scored_at
        return query.where(at >= self.period.warm_since, at < self.period.until)

    def _ordered(self, page: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
        groups = [list(rows) for _, rows in groupby(page, _AT)]
        unclear = [rows for rows in groups if _have_common_accounts(rows)]
        entries = self._entries([row for rows in unclear for row in rows])
        for rows in unclear:
            if all(row.id in entries for row in rows):
                rows.sort(key=lambda row: entries[row.id].id)
        return [row for rows in groups for row in rows]

    def _entries(self, rows: Sequence[Row[Any]]) -> Mapping[str, Row[Any]]:
        """The audit entry of each decision, by the id of the payment."""
        found: dict[str, Row[Any]] = {}
        if not rows:
            return found
        query = _ENTRIES.where(audit_log.c.at.between(rows[0].scored_at, rows[-1].scored_at))
        with looking(self.engine) as connection:
            for ids in chunks([row.id for row in rows]):
                asked = query.where(among(connection, audit_log.c.subject_id, ids))
                found |= {row.subject_id: row for row in connection.execute(asked)}
        return found

    def _never_late(self, page: Sequence[Row[Any]]) -> set[str]:
        """The ids of old payments whose age did not count: imported, or not late by the receipt."""
        least, live = self.lateness.least, self.lateness.live
        if least is None:
            return set()
        old = [row for row in page if row.scored_at - row.occurred_at > least]
        entries = self._entries(old)
        imported = {name for name, entry in entries.items() if entry.details.get("learn_only")}
        others = {row.id: row for row in old if row.id not in imported}
        receipts = receipts_of(self.engine, list(others), page[-1].scored_at)
        return imported | {
            name
            for name, receipt in receipts.items()
            if receipt.get("learn_only")
            or (
                live is not None
                and others[name].scored_at - others[name].occurred_at > live
                and not receipt.get("late")
            )
        }


def receipts_of(
    engine: Engine, ids: Sequence[str], until: datetime
) -> Mapping[str, Mapping[str, Any]]:
    """The stored receipts of payments that were received until then, by id."""
    query = _RECEIPTS.where(risk_scores.c.received_at <= until)
    found: dict[str, Mapping[str, Any]] = {}
    with looking(engine) as connection:
        for some in chunks(ids):
            asked = query.where(among(connection, risk_scores.c.transaction_id, some))
            rows = connection.execute(asked)
            found |= {row.transaction_id: receipt_of(row) for row in rows}
    return found


def _pages(rows: Iterable[Row[Any]]) -> Iterator[list[Row[Any]]]:
    """The rows in pages; those of one time are in one page."""
    page: list[Row[Any]] = []
    for row in rows:
        if len(page) >= ROWS_AT_ONCE and row.scored_at != page[-1].scored_at:
            yield page
            page = []
        page.append(row)
    if page:
        yield page


def _have_common_accounts(rows: Sequence[Row[Any]]) -> bool:
    if len(rows) == 1:
        return False
    seen: set[str] = set()
    for row in rows:
        own = {row.sender_id, row.receiver_id}
        if seen & own:
            return True
        seen |= own
    return False


def _label_of(change: Labelled, order: int, orders: Mapping[str, int]) -> PastLabel:
    of = orders.get(change.transaction.id, -1)
    fraud = _fraud(change.standing)
    return PastLabel(order, of, change.transaction, change.label.written_at, fraud)


def _fraud(standing: Finding | None) -> bool | None:
    return None if standing is None else standing is Finding.FRAUD
