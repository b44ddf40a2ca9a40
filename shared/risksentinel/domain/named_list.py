"""Named lists: folded comparison of texts, entries, and the memberships of one payment."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final

from risksentinel.domain.signal import Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Malformed, Violation
from risksentinel.text.characters import FORBIDDEN_CHARACTERS

LIST_NAME: Final = r"^[a-z0-9][a-z0-9_-]{0,63}$"
LIST_NAME_IN_WORDS: Final = (
    "1 to 64 lower-case letters, digits, - and _, beginning with a letter or a digit"
)
MAX_ENTRIES: Final = 1_000_000  # of one list; a scoring process stores 8 bytes of each
MAX_LISTS: Final = 100
MAX_VALUE: Final = 128  # characters; no text of a payment is longer
MAX_REASON: Final = 500
MAX_DESCRIPTION: Final = 500
_NAME: Final = re.compile(LIST_NAME.rstrip("$") + r"\Z", re.ASCII)
_NOT_ONE_LINE: Final = re.compile(FORBIDDEN_CHARACTERS.pattern + "|[\u2028\u2029]")
_DIGEST_BYTES: Final = 8


@lru_cache(maxsize=16_384)  # several rules ask for the same accounts of one payment
def fold(text: str) -> str:
    """Return the form in which texts are compared: without blanks at both ends, case-folded."""
    return text.strip().casefold()


def digest_of(folded: str) -> int:
    """Return the first 8 bytes of the SHA-256 of a folded text, as a signed 64-bit integer."""
    begin = sha256(folded.encode("utf-8", "surrogatepass")).digest()[:_DIGEST_BYTES]
    return int.from_bytes(begin, "big", signed=True)


def check_list_name(name: str) -> str:
    """Return the name if it is the name of a list. Raises Malformed."""
    if _NAME.match(name) is None:
        raise Malformed([Violation("name", f"must be {LIST_NAME_IN_WORDS}")])
    return name


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """A new entry of a list. `value` is stored as given, without blanks at both ends.

    Raises:
        Malformed: a text is blank, too long, or contains a control character; or `expires_at`
            has no time zone.
    """

    value: str
    reason: str = ""
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        value = self.value.strip()
        violations = []
        if not value:
            violations.append(Violation("value", "must not be blank"))
        for name, text, most in (("value", value, MAX_VALUE), ("reason", self.reason, MAX_REASON)):
            if len(text) > most:
                violations.append(Violation(name, f"must not be longer than {most} characters"))
            if _NOT_ONE_LINE.search(text):
                violations.append(
                    Violation(name, "must not contain control characters or line breaks")
                )
        if self.expires_at is not None and self.expires_at.tzinfo is None:
            violations.append(
                Violation("expires_at", "must carry a time zone, like 2026-05-01T08:30:00Z")
            )
        if violations:
            raise Malformed(violations)
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "expires_at", _in_utc(self.expires_at))

    @property
    def folded(self) -> str:
        """The folded value, which is unique in a list."""
        return fold(self.value)


def _in_utc(at: datetime | None) -> datetime | None:
    try:
        return None if at is None else at.astimezone(UTC)
    except OverflowError:
        raise Malformed([Violation("expires_at", "must lie in the years 1 to 9999")]) from None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list. `author` wrote it last; it is not effective from `expires_at` on."""

    value: str
    reason: str
    author: str
    created_at: datetime
    expires_at: datetime | None = None

    def is_expired(self, now: datetime) -> bool:
        """Return whether the entry has expired."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list without its entries. `size` counts the entries, expired ones included."""

    id: str
    name: str
    description: str
    author: str
    created_at: datetime
    size: int
    revision: int  # of its newest change; grows with each change of any list


def listable_texts(transaction: Transaction) -> tuple[str | None, ...]:
    """Return the texts of a payment that rules can look up on a list."""
    return (
        transaction.sender_id,
        transaction.receiver_id,
        transaction.merchant_category,
        transaction.receiver_country,
        transaction.device_id,
    )


@dataclass(frozen=True, slots=True)
class Memberships:
    """The results of looking up one payment's texts on the lists that rules use.

    `names` are the lists, `asked` the folded texts that were looked up, and `matches` the entries
    found, by list and folded text; None means that the database did not answer for a possible
    match.
    """

    names: Collection[str] = ()
    asked: Collection[str] = ()
    matches: Mapping[tuple[str, str], Entry | None] = field(default_factory=dict, hash=False)

    def holds(self, name: str, text: str, *, exact: bool = False) -> bool | None:
        """Return whether the list has the text; None if unknown.

        With `exact`, the entry must equal the text character by character.
        """
        folded = fold(text)
        if name not in self.names or folded not in self.asked:
            return None
        if (name, folded) not in self.matches:
            return False
        entry = self.matches[name, folded]
        if entry is None:
            return None
        return not exact or entry.value == text

    def entry(self, name: str, text: str) -> Entry | None:
        """Return the entry of the text on the list; None without a known entry."""
        return self.matches.get((name, fold(text)))


NO_LISTS: Final = Memberships()  # nothing was looked up, so all memberships are unknown


def joined(known: Memberships | Silent, found: Memberships | Silent) -> Memberships | Silent:
    """Return the memberships of both; those that a decision knew take precedence."""
    if isinstance(known, Silent) or isinstance(found, Silent):
        return known
    return Memberships(
        frozenset(known.names) | frozenset(found.names),
        frozenset(known.asked) | frozenset(found.asked),
        {**found.matches, **known.matches},
    )
