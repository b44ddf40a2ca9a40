from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from risksentinel.domain.api_key import ApiKey, new_key_text
from risksentinel.errors import Unauthenticated, Unavailable
from risksentinel.usecases import authenticate_key
from risksentinel.usecases.authenticate_key import (
    FRESH_SECONDS,
    OUTAGE_SECONDS,
    USE_PERIOD,
    AuthenticateKey,
)
from tests.domain.test_api_key import TEXT, api_key
from tests.strategies import NOW


@dataclass
class Records:
    """Meets `ports.KeyRecords`, and counts its readers."""

    kept: dict[str, ApiKey] = field(default_factory=dict)
    uses: list[datetime] = field(default_factory=list)
    reads: int = 0
    down: bool = False

    def key(self, key_id: str) -> ApiKey | None:
        """The key of this id. Raises Unavailable."""
        self.reads += 1
        if self.down:
            raise Unavailable("database")
        return self.kept.get(key_id)

    def keys(self) -> Sequence[ApiKey]:
        """All keys."""
        return list(self.kept.values())

    def used(self, key_id: str, at: datetime) -> None:
        """Store a use."""
        assert key_id in self.kept
        self.uses.append(at)


class Bench:
    """Keys at a time that the test sets."""

    def __init__(self, *keys: ApiKey) -> None:
        self.records = Records({key.id: key for key in keys})
        self.now, self.tick = NOW, 50.0
        self.authenticate = AuthenticateKey(
            self.records, lambda: self.now, lambda: self.tick, lambda action: action()
        )

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.now, self.tick = self.now + timedelta(seconds=seconds), self.tick + seconds


def test_a_key_is_read_once_for_many_requests() -> None:
    """A request must not wait for the database."""
    bench = Bench(api_key())

    for _ in range(10):
        assert bench.authenticate(TEXT.text).name == "key:core-banking"
    assert bench.records.reads == 1


def test_a_revocation_is_in_force_within_five_seconds() -> None:
    """A stolen key must stop to work soon."""
    bench = Bench(api_key())
    bench.authenticate(TEXT.text)
    bench.records.kept[TEXT.id] = api_key(revoked_at=NOW)

    bench.later(FRESH_SECONDS)

    with pytest.raises(Unauthenticated):
        bench.authenticate(TEXT.text)


def test_an_expiry_is_in_force_at_once() -> None:
    """The end of a key is known beforehand."""
    bench = Bench(api_key(expires_at=NOW + timedelta(seconds=2)))
    bench.authenticate(TEXT.text)

    bench.later(2)

    with pytest.raises(Unauthenticated):
        bench.authenticate(TEXT.text)


def test_a_wrong_secret_is_refused_although_the_key_is_cached() -> None:
    """The cache has the stored digest, not the answer to a secret."""
    bench = Bench(api_key())
    bench.authenticate(TEXT.text)
    wrong = replace(TEXT, secret="A" * len(TEXT.secret))

    with pytest.raises(Unauthenticated):
        bench.authenticate(wrong.text)
    assert bench.records.reads == 1


def test_an_unknown_key_and_a_wrong_secret_look_alike() -> None:
    """The answer must not say which ids exist."""
    bench, other = Bench(api_key()), new_key_text(lambda count: b"x" * count)
    messages = set()

    for text in (other, replace(TEXT, secret=other.secret)):
        with pytest.raises(Unauthenticated) as raised:
            bench.authenticate(text.text)
        messages.add(str(raised.value))

    assert len(messages) == 1


def test_a_client_that_guesses_does_not_replace_cached_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise each request of other clients would read the database."""
    monkeypatch.setattr(authenticate_key, "MAX_KEYS", 1)
    bench = Bench(api_key())
    bench.authenticate(TEXT.text)

    for number in range(5):
        guess = new_key_text(bytes([number]).__mul__)
        with pytest.raises(Unauthenticated):
            bench.authenticate(guess.text)
    before = bench.records.reads
    bench.authenticate(TEXT.text)

    assert bench.records.reads == before


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory must not grow with the number of keys."""
    monkeypatch.setattr(authenticate_key, "MAX_KEYS", 1)
    other = new_key_text(lambda count: b"x" * count)
    bench = Bench(api_key(), api_key(other))

    for text in (TEXT, other, TEXT):
        bench.authenticate(text.text)

    assert bench.records.reads == 3


def test_a_key_works_during_a_short_outage_of_the_database() -> None:
    """A payment is accepted and queued while the database is away: its key must be known."""
    bench = Bench(api_key())
    bench.authenticate(TEXT.text)
    bench.records.down = True

    bench.later(OUTAGE_SECONDS - 1)
    for _ in range(3):
        bench.authenticate(TEXT.text)
    assert bench.records.reads == 2  # one attempt in five seconds

    bench.later(FRESH_SECONDS)
    with pytest.raises(Unavailable):
        bench.authenticate(TEXT.text)


def test_a_key_that_was_not_read_is_unknown_during_an_outage() -> None:
    """Without the database nothing says that the key is valid: 503, not 200 and not 401."""
    bench = Bench(api_key())
    bench.records.down = True

    with pytest.raises(Unavailable):
        bench.authenticate(TEXT.text)


def test_the_last_use_is_stored_once_a_minute() -> None:
    """A write for each request would cost more than the request."""
    bench = Bench(api_key())

    for _ in range(3):
        bench.authenticate(TEXT.text)
        bench.later(USE_PERIOD.total_seconds() / 2)

    assert bench.records.uses == [NOW, NOW + USE_PERIOD]


def test_a_refused_key_is_not_used() -> None:
    """The last use says when the holder of the key used it."""
    bench = Bench(api_key(revoked_at=NOW))

    with pytest.raises(Unauthenticated):
        bench.authenticate(TEXT.text)

    assert bench.records.uses == []
