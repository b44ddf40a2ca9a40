from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.domain.local_path import local_path
from risksentinel.errors import Malformed

BASE = "https://risk.example/sign-in"
PIECES = st.lists(
    st.sampled_from(
        ["/", "\\", "//", "..", ".", "evil.example", "@", ":", "https:", "\t", "\n", "%2f"]
    )
)


@pytest.mark.parametrize("text", ["/", "/docs", "/alerts?status=open&limit=5#first", "/a//b/../c"])
def test_a_path_of_this_address_is_kept(text: str) -> None:
    """An analyst returns to the page that required the sign-in."""
    assert local_path(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "docs", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example"),
        *("https://evil.example/", "javascript:alert(1)", "/a\r\nSet-Cookie: b", "/é", "/a b"),
        *('/"><script>', "/" + "a" * 2000),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """A link to /sign-in must not lead to another site: that is how passwords are stolen."""
    with pytest.raises(Malformed):
        local_path(text)


@given(PIECES.map("".join) | st.text(max_size=30).map(lambda text: f"/{text}"))
@example("/\\evil.example")
@example("/\n/evil.example")
def test_a_browser_stays_at_this_address(text: str) -> None:
    """Browsers read a backslash as a slash, and leave out tabs and line breaks."""
    try:
        path = local_path(text)
    except Malformed:
        return

    seen = path.replace("\\", "/").translate(dict.fromkeys(map(ord, "\t\r\n")))
    assert urlsplit(urljoin(BASE, seen)).netloc == "risk.example"
