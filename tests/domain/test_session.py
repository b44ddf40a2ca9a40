from datetime import timedelta

import pytest

from risksentinel.domain.access import RIGHTS_OF, Role
from risksentinel.domain.label import LabelSource
from risksentinel.domain.session import IDLE_LIFE, LIFE, Session, digest_of
from tests.strategies import NOW

MOMENT = timedelta(microseconds=1)
SECRET = "A" * 43


def _session(used_at: timedelta = timedelta()) -> Session:
    roles = frozenset({Role.ANALYST})
    return Session("s-1", "d", "thandi", roles, frozenset(), NOW, NOW + used_at)


def test_a_session_ends_after_30_minutes_without_use() -> None:
    """A computer that is left alone must not stay signed in."""
    assert _session().is_in_force(NOW + IDLE_LIFE - MOMENT, LIFE)
    assert not _session().is_in_force(NOW + IDLE_LIFE, LIFE)


def test_a_session_ends_after_8_hours_however_often_it_is_used() -> None:
    """A stolen cookie is of use for one working day at most."""
    session = _session(LIFE - MOMENT)

    assert session.expires_at(2 * LIFE) == NOW + LIFE
    assert session.is_in_force(NOW + LIFE - MOMENT, 2 * LIFE)
    assert not session.is_in_force(NOW + LIFE, 2 * LIFE)


def test_a_shorter_life_ends_a_session_however_often_it_is_used() -> None:
    """The roles are those of the sign-in: the issuer states them again after this time."""
    session, life = _session(timedelta(minutes=14)), timedelta(minutes=15)

    assert session.expires_at(life) == NOW + life
    assert session.is_in_force(NOW + life - MOMENT, life)
    assert not session.is_in_force(NOW + life, life)


def test_the_caller_of_a_session_is_a_person_with_the_roles() -> None:
    """The rights are those of the roles in this release, not of the day of the sign-in."""
    principal = _session().principal

    assert (principal.name, principal.person) == ("thandi", True)
    assert principal.rights == RIGHTS_OF[Role.ANALYST]
    assert principal.roles == {Role.ANALYST}
    assert principal.label_sources == {LabelSource.ANALYST}


def test_the_digest_depends_on_the_name_of_the_cookie() -> None:
    """Another host can set the plain name, but not the name with the prefix."""
    plain, prefixed = (digest_of(f"{name}={SECRET}") for name in ("a_b", "__Host-a_b"))

    assert plain is not None
    assert plain != prefixed


@pytest.mark.parametrize(
    "cookie", ["", "a_b", f"a_b={SECRET}A", f"a b={SECRET}", "a_b=é" + "A" * 42]
)
def test_a_cookie_of_another_form_has_no_digest(cookie: str) -> None:
    """It is refused without a question to the database."""
    assert digest_of(cookie) is None
