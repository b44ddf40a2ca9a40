import time
from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from structlog.testing import capture_logs

from risksentinel.adapters.sql.engine import open_engine
from risksentinel.adapters.sql.list_book import LISTS_SILENT
from risksentinel.domain.named_list import EntryDraft, Memberships, fold
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.list_books import VALUES, a_book, asked, lists_of, loaded, of
from tests.adapters.sql.rule_books import Watch, away, counted
from tests.adapters.sql.samples import NOW

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


def test_callers_of_different_lists_do_not_make_each_other_poll(engine: Engine) -> None:
    """Live rules and those in shadow may name different lists."""
    watch = Watch()
    write = lists_of(engine, watch)
    write.put("block", EntryDraft("acc-x"), "test")
    with a_book(engine, watch) as book:
        loaded(book, watch)

        with counted(engine) as queries:
            answers = [book.matches(of("shop"), {name}) for name in ("block", "mule") * 5]

    assert [each.names for (each,) in answers if isinstance(each, Memberships)] == [
        ("block",),
        ("mule",),
    ] * 5
    assert queries == []


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
