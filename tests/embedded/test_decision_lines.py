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
from risksentinel.ports.publishing import Outcome

SENDER, RECEIVER = "ZA290000000012345678", "62001234567"


class Terminal(io.StringIO):
    """A stream whose isatty() is true."""

    @override
    def isatty(self) -> bool:
        return True


def decided(**other: Any) -> Event:  # noqa: ANN401 - any JSON
    """The event of one decision, at 14:05:12 South African time."""
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


def test_a_line_has_time_payment_amount_decision_score_and_reason() -> None:
    """A person reads the line while payments are scored."""
    text = line(decided())

    assert text == (
        "14:05:12  demo-1  R75,000.00  decline 0.95  Large first payment to a new beneficiary"
    )


def test_a_decision_without_a_reason_ends_with_its_score() -> None:
    """A score of 0 has no reason."""
    assert line(decided(reasons=[])) == "14:05:12  demo-1  R75,000.00  decline 0.95"


@given(reason=st.text())
def test_a_line_is_one_printable_line_without_account_numbers(reason: str) -> None:
    """A reason contains names of rules, which analysts write: neither is safe for a terminal."""
    text = line(decided(reasons=[f"{reason} {SENDER} {RECEIVER}"]))

    assert text.isprintable()
    assert SENDER not in text
    assert RECEIVER not in text


def test_lines_keep_the_order_of_the_decisions() -> None:
    """The lines of different senders are in the order of the decisions too."""
    out = io.StringIO()

    deliveries = DecisionLines(out).publish([decided(transaction_id=name) for name in "abc"])

    assert [words.split()[1] for words in out.getvalue().splitlines()] == ["a", "b", "c"]
    assert [delivery.outcome for delivery in deliveries] == [Outcome.DELIVERED] * 3


def test_a_closed_terminal_keeps_no_event_in_the_outbox() -> None:
    """The engine goes on when the window in which it was started is closed."""
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
def test_lines_are_printed_on_terminals_unless_the_option_says_otherwise(
    stream: Callable[[], io.StringIO], level: str, *, asked: bool | None, expected: bool
) -> None:
    """A log collector reads JSON; LOG_LEVEL warning and error ask for less output."""
    assert wanted(stream(), level, asked=asked) is expected
