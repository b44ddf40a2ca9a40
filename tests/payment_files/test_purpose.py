from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from risksentinel.errors import Misconfigured
from risksentinel.payment_files.options import ImportOptions
from risksentinel.payment_files.purpose import MAX_AGE, with_purpose
from tests.payment_files.bench import Write, payment

NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)
OLD, NEW = NOW - MAX_AGE - timedelta(seconds=1), NOW - MAX_AGE
OptionsOf = Callable[..., ImportOptions]


@pytest.fixture
def options(write: Write) -> OptionsOf:
    """The options for a file with payments at these times."""

    def of(
        *times: datetime, learn_only: bool | None = None, limit: int | None = None
    ) -> ImportOptions:
        rows = [payment(n, ts=at.isoformat()) for n, at in enumerate(times)]
        file: Path = write("payments.csv", rows)
        return ImportOptions(
            file=file, columns={}, constants={}, learn_only=learn_only, limit=limit
        )

    return of


def refuse_to_answer(question: str) -> bool:
    """Fail: no question is expected."""
    raise AssertionError(question)


@pytest.mark.parametrize("learn_only", [True, False])
def test_a_given_option_asks_no_question(options: OptionsOf, *, learn_only: bool) -> None:
    """A pipeline that gives the option must not be stopped by a question."""
    given = options(OLD, learn_only=learn_only)

    assert with_purpose(given, NOW, refuse_to_answer) is given


def test_new_payments_are_scored(options: OptionsOf) -> None:
    """A file of today's payments is scored by default."""
    assert with_purpose(options(NEW, NOW), NOW, refuse_to_answer).learn_only is False


@pytest.mark.parametrize("answer", [True, False])
def test_on_a_terminal_the_command_asks_about_old_payments(
    options: OptionsOf, *, answer: bool
) -> None:
    """The question names the file, so that a wrong file is noticed."""
    asked = list[str]()

    def ask(question: str) -> bool:
        asked.append(question)
        return answer

    found = with_purpose(options(NEW, OLD), NOW, ask)

    assert found.learn_only is answer
    assert len(asked) == 1
    assert "payments.csv has payments older than 24 hours" in asked[0]


def test_without_a_terminal_old_payments_are_refused(options: OptionsOf) -> None:
    """A cron job must not raise alerts for the payments of last year."""
    with pytest.raises(Misconfigured, match=r"Give --learn-only .* or --score"):
        with_purpose(options(NEW, OLD), NOW, None)


def test_rows_that_are_not_sent_do_not_count(options: OptionsOf) -> None:
    """With --limit 1 only the first payment matters."""
    assert with_purpose(options(NEW, OLD, limit=1), NOW, None).learn_only is False
