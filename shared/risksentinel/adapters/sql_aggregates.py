"""TotalOf and HourOf: what each database has its own way to compute."""

from decimal import Decimal
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Dialect, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator
from typing_extensions import override

from risksentinel.adapters.sql_types import Exact

_HALF: Final = 10**9
_MICROSECONDS: Final = 3_600_000_000  # of one hour
_SECONDS: Final = 3_600  # the same


class _Sum(TypeDecorator[Decimal]):
    impl = Text
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    @override
    def process_result_value(self, value: str | Decimal | None, dialect: Dialect) -> Decimal:
        if isinstance(value, Decimal):
            return value
        upper, lower = value.split(":") if value else ("0", "0")
        return Decimal(int(upper) * _HALF + int(lower)).scaleb(-self.places)


class TotalOf(FunctionElement[Decimal]):
    """The exact sum of an Exact column, 0 where there are no rows."""

    inherit_cache = True

    def __init__(self, column: Column[Decimal]) -> None:
        super().__init__(column)
        if isinstance(column.type, Exact):
            self.type = _Sum(column.type.places)


class HourOf(FunctionElement[int]):
    """The hour of a UtcTime column, counted since 1970."""

    type = BigInteger()
    inherit_cache = True


@compiles(TotalOf)
def _total(element: TotalOf, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    return f"sum({compiler.process(element.clauses, **options)})"


@compiles(TotalOf, "sqlite")
def _total_on_sqlite(element: TotalOf, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    # In two halves: ten of the largest payments overflow SQLite's 64 bits.
    column = compiler.process(element.clauses, **options)
    return f"(sum({column} / {_HALF}) || ':' || sum({column} % {_HALF}))"


@compiles(HourOf)
def _hour(element: HourOf, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    column = compiler.process(element.clauses, **options)
    return f"CAST(floor(extract(epoch FROM {column}) / {_SECONDS}) AS BIGINT)"


@compiles(HourOf, "sqlite")
def _hour_on_sqlite(element: HourOf, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return f"({compiler.process(element.clauses, **options)} / {_MICROSECONDS})"
