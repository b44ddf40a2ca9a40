"""Reads the stored payments and scores from PostgreSQL."""

from collections.abc import Sequence
from typing import Final, LiteralString

import psycopg
from psycopg import sql

_SCORED: Final = """
    SELECT t.id, count(s.transaction_id) FROM transactions t
    LEFT JOIN risk_scores s ON s.transaction_id = t.id
    WHERE t.id = ANY(%s) GROUP BY t.id
"""


class Records:
    """Reads the database directly, not through the functions."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("+psycopg", "")

    def not_scored_once(self, payments: Sequence[str]) -> list[str]:
        """Return the payments that are not stored, or not scored exactly once."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            rows = connection.execute(_SCORED, [list(payments)]).fetchall()
        found: dict[str, int] = dict(rows)
        return [each for each in payments if found.get(each) != 1]

    def rows(self, query: LiteralString) -> list[tuple[str, ...]]:
        """Return the rows that a query selects."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            return connection.execute(query).fetchall()

    def count(self, query: LiteralString, *values: object) -> int:
        """Return the number that a query selects."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            row = connection.execute(query, values).fetchone()
        return int(row[0]) if row else 0

    def empty_database(self, name: str) -> str:
        """Create a database without a schema; return its URL."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{self._url.rpartition('/')[0]}/{name}".replace("://", "+psycopg://")
