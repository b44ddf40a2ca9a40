import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from risksentinel.embedded.decision_lines import DecisionLines, line, wanted
from risksentinel.events.event import Event
from risksentinel.ports.announcements import Outcome

SENDER, RECEIVER = "ZA290000000012345678", "62001234567"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    @override
    def isatty(self) -> bool:
        return True


def decided(**other: Any) -> Event:  # noqa: ANN401 - any JSON
    """The announcement of one decision, at 14:05:12 by South African clocks."""
    data = {
        "transaction_id": "demo-1",
        "sender_id": SENDER,
        "receiver_id": RECEIVER,
        "amount_zar": "75000.00",
        "score": 0.9485,
        "decision": "decline",
        "reasons": ["Large first payment to a new beneficiary", "another"],
    }
    at = datetime(2026, 5, 1, 12, 5, 12, tzinfo=UTC)
    return Event("transactions.scored", "x", "y", "z", "demo-1", SENDER, at, data | other)


def test_a_line_says_when_what_how_much_and_why() -> None:
    """A person reads it while payments pass."""
    said = line(decided())

    assert said == (
        "14:05:12  demo-1  R75,000.00  decline 0.95  Large first payment to a new beneficiary"
    )


def test_a_decision_without_a_reason_ends_with_its_score() -> None:
    """A score of nothing has no reason."""
    assert line(decided(reasons=[])) == "14:05:12  demo-1  R75,000.00  decline 0.95"


@given(reason=st.text())
def test_a_line_is_one_printable_line_without_account_numbers(reason: str) -> None:
    """An analyst writes the names of rules, and a terminal obeys control characters."""
    said = line(decided(reasons=[f"{reason} {SENDER} {RECEIVER}"]))

    assert said.isprintable()
    assert SENDER not in said
    assert RECEIVER not in said


def test_lines_keep_the_order_of_the_decisions() -> None:
    """Payments of one sender and of another are read as they were decided."""
    out = io.StringIO()

    deliveries = DecisionLines(out).publish([decided(transaction_id=name) for name in "abc"])

    assert [words.split()[1] for words in out.getvalue().splitlines()] == ["a", "b", "c"]
    assert [delivery.outcome for delivery in deliveries] == [Outcome.DELIVERED] * 3


def test_a_terminal_that_was_closed_keeps_nothing_in_the_outbox() -> None:
    """The engine outlives the window that it was started from."""
    out = io.StringIO()
    out.close()

    deliveries = DecisionLines(out).publish([decided()])

    assert [delivery.outcome for delivery in deliveries] == [Outcome.DELIVERED]


@pytest.mark.parametrize(
    ("stream", "level", "asked", "expected"),
    [
        (Terminal, "info", None, True),
        (Terminal, "debug", None, True),
        (Terminal, "warning", None, False),
        (Terminal, "error", None, False),
        (Terminal, "info", False, False),
        (io.StringIO, "info", None, False),
        (io.StringIO, "warning", True, True),
    ],
)
def test_lines_are_for_terminals_unless_the_user_says_otherwise(
    stream: Callable[[], io.StringIO], level: str, *, asked: bool | None, expected: bool
) -> None:
    """A collector of logs reads JSON, and LOG_LEVEL says how much a person wants to read."""
    assert wanted(stream(), level, asked=asked) is expected
