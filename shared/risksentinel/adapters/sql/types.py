"""Column types that store money and time exactly on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Numeric, Text
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SQLITE: Final = "sqlite"


def in_microseconds(moment: datetime) -> int:
    """The number that SQLite stores for a moment: microseconds since 1970 in UTC."""
    return (moment - EPOCH) // _MICROSECOND


def moment_of(number: int) -> datetime:
    """The moment of a number that SQLite stores, in UTC."""
    return EPOCH + timedelta(microseconds=number)


# json, not jsonb: a receipt keeps the order of its members, and inserts take a third less time.
Json: Final = JSON()
Number: Final = BigInteger().with_variant(Integer(), _SQLITE)  # SQLite increments only Integer
# Byte order: cursors compare ids, and the order of a locale differs between servers.
Identifier: Final = Text().with_variant(Text(collation="C"), "postgresql")


class UtcTime(TypeDecorator[datetime]):
    """Takes a timezone-aware datetime, reads the same moment in UTC.

    SQLite has no such type: it stores microseconds since 1970 as an integer, so that order
    and ranges are exact.
    """

    impl = DateTime
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == _SQLITE:
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("datetime must be timezone-aware")
        if dialect.name == _SQLITE:
            return in_microseconds(value)
        return value.astimezone(UTC)  # PostgreSQL accepts no offset above 16 hours

    @override
    def process_result_value(
        self, value: int | datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, int):
            return moment_of(value)
        return value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal with a fixed number of places, never a float: on SQLite a scaled integer."""

    impl = Numeric
    cache_ok = True

    def __init__(self, digits: int, places: int) -> None:
        super().__init__(digits, places)
        self.digits = digits
        self.places = places

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == _SQLITE:
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(self.digits, self.places))

    @override
    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | Decimal | None:
        if value is None:
            return None
        scaled = value.scaleb(self.places)
        whole = int(scaled)
        if whole != scaled:
            raise ValueError(f"{value} has more than {self.places} decimals")
        return whole if dialect.name == _SQLITE else value

    @override
    def process_result_value(self, value: int | Decimal | None, dialect: Dialect) -> Decimal | None:
        if isinstance(value, int):
            return Decimal(value).scaleb(-self.places)
        return value
