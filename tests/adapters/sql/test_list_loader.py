"""DigestLoader: digests of lists are loaded beside the payments, and dropped after removals."""

from datetime import timedelta
from threading import active_count

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql import list_book, list_loader
from risksentinel.adapters.sql.list_book import SqlListBook
from risksentinel.domain.named_list import EntryDraft
from tests.adapters.sql.list_books import NAMES, a_book, asked, lists_of, loaded, of
from tests.adapters.sql.rule_books import Watch


def test_digests_that_are_not_loaded_yet_are_no_reason_to_miss_an_entry(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that just woke answers from the database until its million digests are there."""
    watch = Watch()
    write = lists_of(engine, watch)
    write.put("block", EntryDraft("acc-1"), "test")
    monkeypatch.setattr(list_loader.DigestLoader, "catch_up", lambda *_: None)

    with a_book(engine, watch) as book:
        assert asked(book, "block", "acc-1", "acc-2") == [True, False]
        assert not book.is_loaded()


def test_two_texts_of_one_digest_are_distinguished(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A collision must never decide a payment."""
    watch = Watch()
    write = lists_of(engine, watch)
    for module in ("risksentinel.adapters.sql.list_rows", list_book.__name__):
        monkeypatch.setattr(f"{module}.digest_of", lambda _: 7)
    write.put("block", EntryDraft("acc-1"), "test")
    with a_book(engine, watch) as book:
        loaded(book, watch)

        assert asked(book, "block", "acc-1", "acc-2") == [True, False]


def test_digests_of_removed_entries_are_dropped(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that is replaced every night must not grow for ever in memory."""
    monkeypatch.setattr(list_loader, "_MAX_STALE", 5)
    watch = Watch()
    write = lists_of(engine, watch)
    with a_book(engine, watch) as book:
        for night in range(4):
            names = [f"acc-{night}-{n}" for n in range(10)]
            write.put_many("block", [EntryDraft(name) for name in names], "test")
            watch.now += timedelta(seconds=1)
            loaded(book, watch)
            assert asked(book, "block", names[0]) == [True]
            for name in names:
                write.remove("block", name, "test")
        watch.now += timedelta(seconds=1)
        loaded(book, watch)
        state = book._state  # noqa: SLF001 - how much is held shows nowhere else
        assert state is not None
        held = book._loader.current(state.lists["block"])  # noqa: SLF001

    assert held is not None
    assert len(held) < 20


def test_a_closed_book_loads_nothing(engine: Engine) -> None:
    """A process that ends must not wait for a million digests."""
    watch = Watch()
    lists_of(engine, watch)
    threads = active_count()
    book = SqlListBook(engine, watch)
    book.close()

    book.matches(of("a"), set(NAMES))

    assert active_count() == threads
