"""EraseAccount: the account's data is replaced; the ledger's entries stay, and stay verifiable."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from risksentinel.adapters.sql.erasure import AT_ONCE, SqlErasure
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.list_records import SqlListRecords
from risksentinel.adapters.sql.list_unit import SqlListLedger
from risksentinel.assembly.container import Container
from risksentinel.domain.erased_account import erased_name
from risksentinel.errors import Conflict, NotFound
from risksentinel.ports.ledger import AuditEntry
from risksentinel.usecases.compare_entries import ERASED
from risksentinel.usecases.write_list import WriteList

RETENTION: Final = timedelta(days=5 * 365 + 2)  # FIC Act, section 23: five years


@dataclass(frozen=True, slots=True)
class Erased:
    """The pseudonym, and the numbers of payments, list entries and events that were changed."""

    pseudonym: str
    payments: int
    retained: int
    list_entries: int
    events: int


def erase_account(container: Container, account: str, actor: str, *, keep_reported: bool) -> Erased:
    """Replace the account everywhere in steps; after an interruption the call can be repeated.

    Raises:
        Conflict: payments are under a statutory report, and `keep_reported` is false.
        NotFound: nothing is stored of the account.
    """
    erasure = SqlErasure(container.engine)
    reported = erasure.reported_since(account, container.clock() - RETENTION)
    if reported and not keep_reported:
        raise Conflict(
            f"{len(reported)} payments of the account are under a statutory report: section 23 of "
            "the FIC Act requires their records for five years; pass --keep-reported to erase the "
            "rest"
        )
    all_payments = erasure.payments(account)
    payments = [each for each in all_payments if each not in set(reported)]
    new = erased_name(secrets.token_bytes(8))
    entries = _unlist(container, account, actor)
    if not (all_payments or entries):
        raise NotFound("nothing is stored of this account")
    for start in range(0, max(len(payments), 1), AT_ONCE):
        _step(container, payments[start : start + AT_ONCE], account, new, actor)
    events = _elsewhere(container, account, new)
    return Erased(new, len(payments), len(reported), entries, events)


def _step(
    container: Container, payments: Sequence[str], account: str, new: str, actor: str
) -> None:
    ledger, erasure = SqlLedger(container.engine), SqlErasure(container.engine)
    with ledger.unit() as unit:
        commitments = erasure.replace(unit.line.session, payments, account, new)
        details = {"pseudonym": new, "payments": commitments}
        entry = AuditEntry(container.clock(), actor, ERASED, "account", new, details)
        unit.audit([entry])


def _elsewhere(container: Container, account: str, new: str) -> int:
    ledger, erasure = SqlLedger(container.engine), SqlErasure(container.engine)
    with ledger.unit() as unit:
        return erasure.replace_elsewhere(unit.line.session, account, new)


def _unlist(container: Container, account: str, actor: str) -> int:
    records, count = SqlListRecords(container.engine), 0
    write = WriteList(SqlListLedger(container.engine), container.clock, container.new_id)
    for named in records.lists():
        with suppress(NotFound):
            write.remove(named.name, account, actor)
            count += 1
    return count
