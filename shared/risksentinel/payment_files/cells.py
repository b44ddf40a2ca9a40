"""Cell -> text of the API: reads each field of a payment without loss, or raises Malformed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isnan
from typing import Final, Literal
from zoneinfo import ZoneInfo

from risksentinel.domain.money import Money
from risksentinel.errors import Malformed
from risksentinel.payment_formats.currency import RAND
from risksentinel.text import rfc3339
from risksentinel.text.characters import FORBIDDEN_CHARACTERS, FORBIDDEN_MESSAGE

CellReader = Callable[[object], str]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,9})?")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_MAX_EXACT_INTEGER: Final = 1 << 53


def missing(cell: object) -> bool:
    """Whether the cell is empty; data frames write an empty cell as NaN."""
    match cell:
        case None:
            return True
        case str():
            return not cell.strip()
        case float():
            return isnan(cell)
        case Decimal():
            return cell.is_nan()
        case _:
            return False


def words(cell: object) -> str:
    """Read text, or a whole number as text. Raises Malformed."""
    match cell:
        case str():
            text = cell.strip()
        case bool():
            raise Malformed("must be text or a whole number")
        case int():
            text = str(cell)
        case float() | Decimal():
            text = _whole(cell)
        case _:
            raise Malformed("must be text or a whole number")
    if FORBIDDEN_CHARACTERS.search(text):
        raise Malformed(FORBIDDEN_MESSAGE)
    return text


def _whole(number: float | Decimal) -> str:
    # Data frames convert a column of whole numbers to floats if one number is missing.
    if -_MAX_EXACT_INTEGER < number < _MAX_EXACT_INTEGER and number == int(number):
        return str(int(number))
    raise Malformed("must be text or a whole number")


def choice(cell: object) -> str:
    """Read a name of an enumeration: `Mobile Banking` is mobile_banking. Raises Malformed."""
    return re.sub(r"[\s-]+", "_", words(cell)).lower()


def amount(cell: object) -> str:
    """Read an exact amount; a float is its shortest decimal representation. Raises Malformed."""
    match cell:
        case str():
            return str(Money.parse(cell.strip()))
        case bool():
            raise Malformed("must be an amount of money")
        case float():
            return str(Money(Decimal(repr(cell))))
        case int() | Decimal():
            return str(Money(Decimal(cell)))
        case _:
            raise Malformed("must be an amount of money")


def currency(cell: object) -> str:
    """Read ZAR in any case.

    Raises:
        Malformed: the cell names another currency.
    """
    if words(cell).upper() != RAND:
        raise Malformed(
            f"is not {RAND}: amounts are rand only. Convert the amount, or remove the row"
        )
    return RAND


@dataclass(frozen=True, slots=True)
class Times:
    """Reads times; the options give the zone of times without one, and the unit of numbers."""

    timezone: ZoneInfo | None
    epoch: Literal["s", "ms"] | None

    def text(self, cell: object) -> str:
        """Return the time in UTC, by RFC 3339. Raises Malformed."""
        try:
            moment = self._moment(cell)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=self._zone())
            return rfc3339.to_text(moment.astimezone(UTC))
        except (ValueError, OverflowError):
            raise Malformed("must be a date and time that exists") from None

    def _moment(self, cell: object) -> datetime:
        match cell:
            case datetime():
                return cell
            case str() if _TIME.fullmatch(cell.strip()):
                return datetime.fromisoformat(cell.strip())
            case str() if _NUMBER.fullmatch(cell.strip()):
                return self._since_epoch(Decimal(cell.strip()))
            case int() | float() | Decimal() if not isinstance(cell, bool):
                return self._since_epoch(Decimal(repr(cell) if isinstance(cell, float) else cell))
            case _:
                raise Malformed("must be a date with a time, like 2026-05-01T08:30:00Z")

    def _since_epoch(self, number: Decimal) -> datetime:
        if self.epoch is None:
            raise Malformed("is a number: give --epoch s or --epoch ms as its unit")
        if not abs(number) < _MAX_EXACT_INTEGER:
            raise OverflowError
        return _EPOCH + timedelta(microseconds=int(number.scaleb(6 if self.epoch == "s" else 3)))

    def _zone(self) -> ZoneInfo:
        if self.timezone is None:
            raise Malformed("has no time zone: give --timezone, like Africa/Johannesburg")
        return self.timezone


def reader_of(target: str, times: Times) -> CellReader:
    """The reader for cells of the field `target`; the reader raises Malformed."""
    readers: dict[str, CellReader] = {
        "amount_zar": amount,
        "occurred_at": times.text,
        "channel": choice,
        "rail": choice,
        "sim_swapped_at": times.text,
        "beneficiary_added_at": times.text,
        "currency": currency,
    }
    return readers.get(target, words)
