from datetime import timedelta

import pytest

from risksentinel.domain.session import IDLE_LIFE, LIFE, digest_of
from risksentinel.errors import Unauthenticated, Unavailable
from risksentinel.usecases.authenticate_session import (
    FRESH_SECONDS,
    USE_PERIOD,
)
from tests.fakes.memory_sessions import InMemorySessions
from tests.strategies import NOW
from tests.usecases.session_bench import NAME, THANDI, Bench, reading


@pytest.fixture
def bench() -> Bench:
    """No session."""
    return Bench()


def test_every_function_accepts_the_session_of_a_sign_in(bench: Bench) -> None:
    """The dashboard signs in; the pages call all functions."""
    cookie = bench.sign_in()

    for function in (bench.function(), bench.function()):
        caller = function(reading(cookie))
        assert (caller.name, caller.roles, caller.person) == ("thandi", THANDI.roles, True)


@pytest.mark.parametrize(
    "cookie", [None, "", "risksentinel_session=", f"{NAME}={'A' * 43}", f"__Host-{NAME}={'A' * 43}"]
)
def test_any_other_cookie_is_refused(bench: Bench, cookie: str | None) -> None:
    """The problem says where to sign in."""
    bench.sign_in()

    with pytest.raises(Unauthenticated, match="/sign-in"):
        bench.function()(reading(cookie))


def test_a_session_of_https_is_not_accepted_by_its_plain_name(bench: Bench) -> None:
    """Another host of the domain can set the plain name: it must not choose the session."""
    cookie = bench.sign_in(name=f"__Host-{NAME}")

    assert bench.function()(reading(cookie)).name == "thandi"
    with pytest.raises(Unauthenticated):
        bench.function()(reading(cookie.removeprefix("__Host-")))


def test_the_cookie_is_stored_nowhere(bench: Bench) -> None:
    """A reader of the database cannot use the sessions in it."""
    cookie = bench.sign_in()

    assert cookie.removeprefix(f"{NAME}=") not in repr((bench.stored.rows, bench.stored.entries))


def test_a_session_that_ended_is_refused_by_every_function_within_five_seconds(
    bench: Bench,
) -> None:
    """Sign-out must end the session, not only delete the cookie."""
    cookie = bench.sign_in()
    here, elsewhere = bench.function(), bench.function()
    for function in (here, elsewhere):
        function(reading(cookie))

    bench.sign_out(cookie)
    here.forget(cookie)

    with pytest.raises(Unauthenticated):
        here(reading(cookie))
    bench.now += timedelta(seconds=FRESH_SECONDS)
    with pytest.raises(Unauthenticated):
        elsewhere(reading(cookie))


def test_a_session_that_is_used_lives_and_an_idle_one_ends(bench: Bench) -> None:
    """Each use, in whatever function, counts for all of them."""
    cookie = bench.sign_in()
    busy, other = bench.function(), bench.function()
    step = IDLE_LIFE - USE_PERIOD

    for _ in range(3):
        bench.now += step
        busy(reading(cookie))
    assert other(reading(cookie)).name == "thandi"

    bench.now += IDLE_LIFE
    with pytest.raises(Unauthenticated):
        other(reading(cookie))


def test_a_session_ends_after_eight_hours_of_use(bench: Bench) -> None:
    """A cookie that was stolen cannot be kept alive."""
    cookie, function = bench.sign_in(), bench.function()

    while bench.now + timedelta(minutes=20) < NOW + LIFE:
        bench.now += timedelta(minutes=20)
        function(reading(cookie))

    bench.now = NOW + LIFE
    with pytest.raises(Unauthenticated):
        function(reading(cookie))


def test_a_cached_session_ends_with_its_life(bench: Bench) -> None:
    """The cache adds no second to the time in which a role that was taken away still counts."""
    bench.life = timedelta(minutes=15)
    cookie, function = bench.sign_in(), bench.function()
    bench.now += bench.life - timedelta(seconds=1)
    assert function.expires_at(cookie) == NOW + bench.life

    bench.now += timedelta(seconds=1)

    with pytest.raises(Unauthenticated):
        function(reading(cookie))


def test_requests_in_a_row_read_the_database_once_and_write_no_use(bench: Bench) -> None:
    """A page sends a dozen requests; each would otherwise wait for the database."""
    cookie, function = bench.sign_in(), bench.function()

    for _ in range(12):
        function(reading(cookie))

    assert (bench.stored.reads, bench.stored.uses) == (1, 0)


def test_a_use_is_written_once_a_minute(bench: Bench) -> None:
    """The idle time is exact to a minute; that is worth one write, not one for each request."""
    cookie, function = bench.sign_in(), bench.function()

    bench.now += USE_PERIOD
    for _ in range(5):
        function(reading(cookie))

    assert bench.stored.uses == 1
    assert bench.stored.rows[digest_of(cookie) or ""].used_at == bench.now


def test_without_the_database_no_session_is_accepted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown is not signed in: a session may have ended meanwhile."""
    cookie, function = bench.sign_in(), bench.function()
    function(reading(cookie))
    bench.now += timedelta(seconds=FRESH_SECONDS)

    def away(_digest: str) -> None:
        raise Unavailable("database")

    monkeypatch.setattr(InMemorySessions, "session", staticmethod(away))
    with pytest.raises(Unavailable):
        function(reading(cookie))


def test_each_sign_in_makes_a_new_cookie_and_ends_the_session_before(bench: Bench) -> None:
    """A stranger that planted a cookie before the sign-in must not share the session."""
    planted = bench.sign_in()

    own = bench.sign_in(before=planted)

    assert own != planted
    assert bench.function()(reading(own)).name == "thandi"
    with pytest.raises(Unauthenticated):
        bench.function()(reading(planted))


def test_sign_in_and_sign_out_are_audited(bench: Bench) -> None:
    """Who was signed in when, and by which proof, without the cookie."""
    cookie = bench.sign_in()
    bench.sign_out(cookie)
    bench.sign_out(cookie)

    started, ended = bench.stored.entries
    assert (started.actor, started.action, started.subject_id) == (
        "thandi",
        "session.started",
        "s-1",
    )
    assert started.details == {"proof": "oidc", "roles": ["analyst"]}
    assert (ended.actor, ended.action, ended.subject_id) == ("thandi", "session.ended", "s-1")
