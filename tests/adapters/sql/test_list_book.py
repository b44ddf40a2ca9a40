import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import active_count
from typing import Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from structlog.testing import capture_logs

from risksentinel.adapters.memory.digest_set import MAX_LATER, DigestSet
from risksentinel.adapters.sql import list_book, list_loader
from risksentinel.adapters.sql.engine import open_engine
from risksentinel.adapters.sql.list_book import LISTS_SILENT, SqlListBook
from risksentinel.adapters.sql.list_unit import SqlListLedger
from risksentinel.domain.named_list import EntryDraft, Memberships, fold
from risksentinel.domain.transaction import Transaction
from risksentinel.ports.environment import Clock
from risksentinel.usecases.write_list import WriteList
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import NOW, payment
from tests.adapters.sql.test_rule_book import Watch, away, counted

# Some of them are one text in two spellings; one folds to two letters.
VALUES: Final = ("acc-1", "ACC-1 ", "acc-2", "Straße", "STRASSE", "\u017dar", "\u017eAR")
NAMES: Final = ("block", "mule")
PATIENCE: Final = 10.0


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
    until = time.monotonic() + PATIENCE
    while True:
        book.matches(of("nobody"), set(NAMES))
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


steps = st.lists(
    st.tuples(st.sampled_from(["add", "add for a minute", "remove"]), st.sampled_from(VALUES))
    | st.tuples(st.sampled_from(["wait", "import", "load"]), st.just("")),
    max_size=12,
)


@given(steps)
@example([("add", "Straße"), ("load", ""), ("remove", "STRASSE"), ("wait", "")])
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_the_book_says_what_a_plain_set_of_folded_texts_says(
    database: Engine, steps: list[tuple[str, str]]
) -> None:
    """Digests, loading in parts, expiry and spellings must never show from outside."""
    watch = Watch()
    write = lists_of(emptied(database), watch)
    plain: dict[str, object] = {}

    with a_book(database, watch) as book:
        for step, value in steps:
            if step == "add":
                write.put("block", EntryDraft(value), "test")
                plain[fold(value)] = None
            elif step == "add for a minute":
                ends = watch.now + timedelta(minutes=1)
                write.put("block", EntryDraft(value, "short", ends), "test")
                plain[fold(value)] = ends
            elif step == "remove" and fold(value) in plain:
                write.remove("block", value, "test")
                del plain[fold(value)]
            elif step == "import":
                write.put_many("block", [EntryDraft("acc-2"), EntryDraft("acc-3")], "test")
                plain |= {"acc-2": None, "acc-3": None}
            elif step == "wait":
                watch.now += timedelta(seconds=40)
                plain = {k: at for k, at in plain.items() if at is None or at > watch.now}  # type: ignore[operator]  # a time or None
            elif step == "load":
                loaded(book, watch)
            watch.now += timedelta(seconds=1)
            plain = {k: at for k, at in plain.items() if at is None or at > watch.now}  # type: ignore[operator]  # a time or None
            answers = asked(book, "block", *VALUES)

            assert answers == [fold(each) in plain for each in VALUES]
            assert asked(book, "mule", *VALUES) == [False] * len(VALUES)


def test_a_change_is_in_force_in_another_process_within_two_seconds(url: str) -> None:
    """Each process has a book of its own, and by the wall's clock."""
    ours, theirs = open_engine(url), open_engine(url)
    write = lists_of(emptied(ours), Watch())
    seen: list[bool | None] = []
    with a_book(theirs, lambda: NOW + timedelta(seconds=time.monotonic())) as other:
        before = asked(loaded(other), "block", "acc-1")

        write.put("block", EntryDraft("acc-1"), "test")
        written = time.monotonic()
        while seen != [True] and time.monotonic() - written < 2:
            time.sleep(0.01)
            seen = asked(other, "block", "ACC-1")

    ours.dispose()
    theirs.dispose()
    assert before == [False]
    assert seen == [True]


def test_a_payment_on_no_list_asks_the_database_nothing(engine: Engine) -> None:
    """The hot path: most payments are on no list."""
    watch = Watch()
    write = lists_of(engine, watch)
    write.put("block", EntryDraft("acc-x"), "test")
    with a_book(engine, watch) as book:
        loaded(book, watch)

        with counted(engine) as none:
            answers = asked(book, "block", *(f"shop {n}" for n in range(50)))
        with counted(engine) as one:
            found = asked(book, "block", "acc-x", "shop 1", "ACC-X")

    assert answers == [False] * 50
    assert none == []
    assert found == [True, False, True]
    assert len(one) == 1


def test_an_entry_that_was_removed_stops_counting_at_once(engine: Engine) -> None:
    """A customer who was listed by mistake must not be declined any longer."""
    watch = Watch()
    write = lists_of(engine, watch)
    write.put("block", EntryDraft("acc-1"), "test")
    with a_book(engine, watch) as book:
        loaded(book, watch)
        write.remove("block", "ACC-1", "test")

        assert asked(book, "block", "acc-1") == [False]


def test_before_anything_was_heard_of_the_lists_they_are_silent(engine: Engine) -> None:
    """Unknown is not "not on the list"."""
    watch = Watch()
    lists_of(engine, watch)
    with a_book(engine, watch) as book:
        with away(engine), capture_logs() as logs:
            silent = book.matches(of("acc-1", "acc-2"), {"block"})
        watch.now += timedelta(seconds=1)
        heard = asked(book, "block", "acc-1")

    assert silent == [LISTS_SILENT] * 2
    assert heard == [False]
    assert "acc-1" not in str(logs)


def test_the_last_good_state_stays_while_the_database_is_away(engine: Engine) -> None:
    """A text without a digest is not listed; a text with one cannot be confirmed."""
    watch = Watch()
    write = lists_of(engine, watch)
    write.put("block", EntryDraft("acc-1"), "test")
    with a_book(engine, watch) as book:
        loaded(book, watch)
        with away(engine), capture_logs() as logs:
            watch.now += timedelta(hours=1)
            kept = asked(book, "block", "acc-1", "acc-2")

    assert kept == [None, False]
    assert {log["event"] for log in logs} == {"list_book.kept", "list_book.unconfirmed"}
    assert "acc-" not in str(logs)


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


def test_two_texts_of_one_digest_are_told_apart(
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


def test_a_list_that_does_not_exist_is_unknown_until_it_is_made(engine: Engine) -> None:
    """A rule may be written before its list."""
    watch = Watch()
    write = lists_of(engine, watch)
    with a_book(engine, watch) as book:
        before = asked(book, "vip", "acc-1")
        write.create("vip", "", "test")
        watch.now += timedelta(seconds=1)

        assert [before, asked(book, "vip", "acc-1")] == [[None], [False]]


def test_a_list_that_was_deleted_and_made_again_is_empty(engine: Engine) -> None:
    """Its name is the same, its entries are not."""
    watch = Watch()
    write = lists_of(engine, watch)
    write.put("block", EntryDraft("acc-1"), "test")
    with a_book(engine, watch) as book:
        loaded(book, watch)
        write.delete("block", "test")
        watch.now += timedelta(seconds=1)
        gone = asked(book, "block", "acc-1")
        write.create("block", "", "test")
        watch.now += timedelta(seconds=1)

        assert [gone, asked(book, "block", "acc-1")] == [[None], [False]]


def test_digests_of_removed_entries_are_given_up(
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


@given(st.sets(st.integers(-(2**63), 2**63 - 1)), st.sets(st.integers(-(2**63), 2**63 - 1)))
def test_a_set_of_digests_is_a_set(first: set[int], more: set[int]) -> None:
    """It uses binary search, and an error there would miss an entry."""
    digests = DigestSet(first).with_more(more)

    assert all(digest in digests for digest in first | more)
    assert len(digests) == len(first | more)
    assert all((digest + 1 in digests) == (digest + 1 in first | more) for digest in first)


def test_what_comes_later_joins_the_array() -> None:
    """A set beside the array takes ten times the memory."""
    digests = DigestSet(range(10))

    for start in range(10, 3 * MAX_LATER, 1000):
        digests = digests.with_more(range(start, start + 1000))

    assert all(digest in digests for digest in range(3 * MAX_LATER))
    assert len(digests._later) <= MAX_LATER  # noqa: SLF001 - how it is held shows nowhere else
