"""List books for tests: two lists, and a book of another process."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import Engine

from risksentinel.adapters.sql.list_book import SqlListBook
from risksentinel.adapters.sql.list_unit import SqlListLedger
from risksentinel.domain.named_list import Memberships
from risksentinel.domain.transaction import Transaction
from risksentinel.ports.environment import Clock
from risksentinel.usecases.write_list import WriteList
from tests.adapters.sql.rule_books import Watch
from tests.adapters.sql.samples import payment

# Some of them are one text in two spellings; one folds to two letters.
VALUES: Final = ("acc-1", "ACC-1 ", "acc-2", "Straße", "STRASSE", "\u017dar", "\u017eAR")
NAMES: Final = ("block", "mule")
TIMEOUT: Final = 10.0


def lists_of(engine: Engine, watch: Watch) -> WriteList:
    """The use case that writes lists, with two of them made."""
    write = WriteList(SqlListLedger(engine), watch, iter(map(str, range(10**6))).__next__)
    for name in NAMES:
        write.create(name, "", "test")
    return write


def of(*texts: str) -> list[Transaction]:
    """Payments whose category is such a text."""
    return [replace(payment(f"t{n}"), merchant_category=text) for n, text in enumerate(texts)]


def asked(book: SqlListBook, name: str, *texts: str) -> list[bool | None]:
    """Whether the list has each of the texts."""
    answers = book.matches(of(*texts), {name, *NAMES})
    assert all(isinstance(each, Memberships) for each in answers)
    return [
        each.holds(name, text)
        for each, text in zip(answers, texts, strict=True)
        if isinstance(each, Memberships)
    ]


def loaded(book: SqlListBook, watch: Watch | None = None) -> SqlListBook:
    """The book, once the digests of the two lists are at hand; the watch goes on meanwhile."""
    until = time.monotonic() + TIMEOUT
    while True:
        book.matches(of("unknown"), set(NAMES))
        time.sleep(0.002)
        if book.is_loaded():
            return book
        assert time.monotonic() < until
        if watch is not None:
            watch.now += timedelta(seconds=1)


@contextmanager
def a_book(engine: Engine, watch: Clock) -> Iterator[SqlListBook]:
    """A list book, as in another process."""
    book = SqlListBook(engine, watch)
    yield book
    book.close()
