import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from risksentinel.adapters.sql.api_key_ledger import SqlKeyLedger
from risksentinel.adapters.sql.api_keys import SqlKeyRecords
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import api_keys, audit_log
from risksentinel.domain.access import Role
from risksentinel.domain.api_key import ApiKey, key_text
from risksentinel.domain.label import LabelSource
from risksentinel.errors import Conflict, NotFound
from risksentinel.usecases.manage_keys import ManageKeys
from tests.strategies import NOW

DAY = timedelta(days=1)


class Bench:
    """Keys in a database, at a time that the test sets."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.now = engine, NOW
        self.records = SqlKeyRecords(engine)
        self.manage = ManageKeys(SqlKeyLedger(engine), lambda: self.now, secrets.token_bytes)

    def create(self, name: str = "core", expires_in: timedelta | None = None) -> str:
        """The text of a new key."""
        sources = [LabelSource.CHARGEBACK]
        return self.manage.create(name, [Role.SUBMITTER], sources, expires_in, "operator:a").text

    def stored(self, text: str) -> ApiKey:
        """The stored key of this text."""
        parts = key_text(text)
        found = None if parts is None else self.records.key(parts.id)
        assert found is not None
        return found

    def works(self, text: str, at: datetime) -> bool:
        """Whether the key is accepted at this time."""
        parts = key_text(text)
        return parts is not None and (
            self.stored(text).accepts(parts.secret) and self.stored(text).is_in_force(at)
        )


@pytest.fixture
def bench(engine: Engine) -> Bench:
    """No keys."""
    return Bench(engine)


def test_a_key_is_stored_without_its_secret(bench: Bench) -> None:
    """A copy of the database must not give access."""
    text = bench.create(expires_in=DAY)
    secret = text.split("_", 2)[2]

    with reading(bench.engine) as connection:
        row = connection.execute(select(api_keys)).one()
    found = bench.stored(text)

    assert not any(secret.encode() in part or secret in str(part) for part in map(_bytes, row))
    assert found.roles == {Role.SUBMITTER}
    assert found.label_sources == {LabelSource.CHARGEBACK}
    assert (found.created_by, found.expires_at) == ("operator:a", NOW + DAY)
    assert bench.works(text, NOW)
    assert bench.records.keys() == [found]


def test_an_unknown_id_has_no_key(bench: Bench) -> None:
    """A guess is answered like a wrong secret."""
    assert bench.records.key("0" * 12) is None
    with pytest.raises(NotFound):
        bench.manage.revoke("0" * 12, "operator:a")


def test_a_rotation_has_no_gap_and_ends_the_old_key(bench: Bench) -> None:
    """Both keys work until every client sends the new one."""
    old = bench.create(expires_in=90 * DAY)
    bench.now = NOW + 80 * DAY

    new = bench.manage.rotate(bench.stored(old).id, DAY, None, "operator:b").text

    assert bench.works(old, bench.now + DAY - timedelta(seconds=1))
    assert not bench.works(old, bench.now + DAY)
    assert bench.works(new, bench.now + 89 * DAY)
    assert bench.stored(new).expires_at == bench.now + 90 * DAY
    assert bench.stored(new).principal == bench.stored(old).principal


def test_a_rotation_does_not_prolong_the_old_key(bench: Bench) -> None:
    """A key that ends tonight ends tonight."""
    old = bench.create(expires_in=DAY)

    bench.manage.rotate(bench.stored(old).id, 7 * DAY, None, "operator:b")

    assert bench.stored(old).expires_at == NOW + DAY


def test_a_revoked_key_cannot_be_rotated_or_revoked_again(bench: Bench) -> None:
    """A successor would give back what was taken."""
    text = bench.create()
    key_id = bench.stored(text).id
    bench.manage.revoke(key_id, "operator:a")

    assert not bench.works(text, NOW)
    with pytest.raises(Conflict):
        bench.manage.rotate(key_id, DAY, None, "operator:a")
    with pytest.raises(Conflict):
        bench.manage.revoke(key_id, "operator:a")


def test_a_name_is_that_of_one_holder(bench: Bench) -> None:
    """The audit log shows the name: a second holder must have another one."""
    text = bench.create("core")

    with pytest.raises(Conflict):
        bench.create("core")
    bench.manage.revoke(bench.stored(text).id, "operator:a")
    assert bench.create("core")


def test_each_change_is_audited_in_its_commit(bench: Bench) -> None:
    """Who gave access to whom must be known for as long as the log is kept."""
    first = bench.stored(bench.create())
    second = bench.manage.rotate(first.id, DAY, None, "operator:b").key
    bench.manage.revoke(second.id, "operator:c")

    with reading(bench.engine) as connection:
        rows = connection.execute(select(audit_log).order_by(audit_log.c.id)).all()

    assert [(row.actor, row.action, row.subject_kind, row.subject_id) for row in rows] == [
        ("operator:a", "key.created", "api_key", first.id),
        ("operator:b", "key.rotated", "api_key", second.id),
        ("operator:c", "key.revoked", "api_key", second.id),
    ]
    assert rows[0].details["label_sources"] == ["chargeback"]
    assert rows[1].details["replaces"] == first.id
    assert not any(each.digest.hex() in str(rows) for each in (first, second))


def test_the_last_use_is_written_once_a_minute(bench: Bench) -> None:
    """Many processes use one key."""
    text = bench.create()
    key_id, soon = bench.stored(text).id, NOW + timedelta(seconds=59)

    for at in (NOW, soon):
        bench.records.used(key_id, at)
    assert bench.stored(text).last_used_at == NOW
    bench.records.used(key_id, NOW + timedelta(seconds=60))
    assert bench.stored(text).last_used_at == NOW + timedelta(seconds=60)


def test_two_operators_that_rotate_at_once_make_two_keys_that_end_alike(bench: Bench) -> None:
    """The row's lock decides the order; the old key ends at the earlier time."""
    key_id = bench.stored(bench.create()).id

    with ThreadPoolExecutor(2) as threads:
        made = list(
            threads.map(lambda span: bench.manage.rotate(key_id, span, None, "o"), (DAY, 2 * DAY))
        )

    old = bench.records.key(key_id)
    assert len({each.key.id for each in made}) == 2
    assert old is not None
    assert old.expires_at == NOW + DAY


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
