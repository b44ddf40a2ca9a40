import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.adapters.sql.engine import open_engine, reading
from risksentinel.adapters.sql.reasons import MAX_LENGTH, reason_of
from risksentinel.errors import Unavailable

PASSWORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=12, max_size=40)
NO_SERVER = "postgresql://own:correct-horse@127.0.0.1:9/kept"


def test_a_database_that_is_not_there_is_told_in_the_drivers_words() -> None:
    """`does not answer: OperationalError` does not help the operator; the password stays secret."""
    with pytest.raises(Unavailable) as told, reading(open_engine(NO_SERVER)):
        pass

    assert "Connection refused" in str(told.value)
    assert "127.0.0.1" in str(told.value)
    assert "correct-horse" not in str(told.value)


def test_an_unknown_host_name_is_reported() -> None:
    """A wrong host name needs another correction than a stopped server."""
    with (
        pytest.raises(Unavailable, match=r"resolve host 'nowhere\.invalid'"),
        reading(open_engine("postgresql://own@nowhere.invalid/kept")),
    ):
        pass


@pytest.mark.parametrize(
    "message",
    [
        "cannot use postgresql://own:{}@host/kept",
        "cannot use host=db password={} dbname=kept",
        "cannot use host=db password='{}' dbname=kept",
        'missing "=" after "{}" in connection info string',
        'invalid connection option "{}"',
        "a lock timed out\nDETAIL: Key (sender_id)=({}) is there",
    ],
)
@given(PASSWORDS)
def test_no_secret_is_repeated(message: str, secret: str) -> None:
    """A driver repeats the URL that it could not parse, and the message is logged."""
    reason = reason_of(Exception(message.format(secret)))

    assert secret not in reason
    assert reason


@given(st.text())
def test_a_reason_is_one_short_line(message: str) -> None:
    """The reason is part of one log line."""
    reason = reason_of(Exception(message))

    assert len(reason) <= MAX_LENGTH
    assert len(reason.splitlines()) <= 1
