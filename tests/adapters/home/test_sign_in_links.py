from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_bytes

import pytest

from risksentinel.adapters.home.sign_in_links import LINK_LIFE, SignInLinks
from risksentinel.errors import Gone, Misconfigured
from tests.strategies import NOW

Make = Callable[[datetime], SignInLinks]


@pytest.fixture
def links(tmp_path: Path) -> Make:
    """The links of one folder, at any time."""
    return lambda now: SignInLinks(tmp_path / "home", lambda: now, token_bytes)


def test_a_link_works_once(links: Make) -> None:
    """A link that is left in the scroll-back of a terminal is of no use to others."""
    token = links(NOW).make()

    links(NOW).redeem(token)

    with pytest.raises(Gone, match="risksentinel sign-in-link"):
        links(NOW).redeem(token)


def test_of_many_requests_at_once_one_signs_in(links: Make) -> None:
    """The file system decides the race."""
    token = links(NOW).make()

    def redeemed(_: int) -> bool:
        try:
            links(NOW).redeem(token)
        except Gone:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(redeemed, range(64))) == 1


def test_a_link_works_for_15_minutes(links: Make) -> None:
    """Also after the clock was set back: a link of the future is not accepted."""
    moment = timedelta(microseconds=1)

    links(NOW + LINK_LIFE - moment).redeem(links(NOW).make())

    for late in (NOW + LINK_LIFE, NOW - moment):
        with pytest.raises(Gone):
            links(late).redeem(links(NOW).make())


def test_a_new_link_replaces_the_one_before(links: Make) -> None:
    """One link is open at a time."""
    older, newer = links(NOW).make(), links(NOW).make()

    with pytest.raises(Gone):
        links(NOW).redeem(older)
    links(NOW).redeem(newer)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "../engine.lock", "A" * 43, "é", "a\0b", "x" * 9000]
)
def test_any_other_text_is_refused_and_leaves_the_link(links: Make, token: str) -> None:
    """A guess does not use the link up, and names no file outside of the folder."""
    right = links(NOW).make()

    with pytest.raises(Gone):
        links(NOW).redeem(token)

    links(NOW).redeem(right)


def test_the_folder_does_not_contain_the_link(links: Make, tmp_path: Path) -> None:
    """A backup of the folder must not sign in, and other users cannot read it at all."""
    token = links(NOW).make()

    (file,) = (tmp_path / "home" / "sign-in-links").iterdir()
    assert len(token) == 43  # 256 bits
    assert token not in file.name + file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The operator reads one line instead of a traceback."""
    (tmp_path / "home").write_text("a file")

    with pytest.raises(Misconfigured, match="RISKSENTINEL_HOME"):
        SignInLinks(tmp_path / "home", lambda: NOW, token_bytes).make()
