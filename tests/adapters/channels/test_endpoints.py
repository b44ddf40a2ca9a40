from base64 import b64encode

import pytest

from risksentinel.adapters.channels.endpoints import MAX_ENDPOINTS, endpoints_from
from risksentinel.errors import Misconfigured
from tests.adapters.channels.alerts import SECRET


def secret_of(size: int) -> str:
    """A secret of so many bytes."""
    return "whsec_" + b64encode(bytes(size)).decode()


def test_reads_lists_with_spaces_or_commas() -> None:
    """An operator writes them either way, and some twice."""
    found = endpoints_from(
        {"webhook": "https://a.example/x, https://b.example/y", "slack": "https://a.example/x\n"},
        SECRET,
    )

    assert [(each.channel, each.address, each.secret) for each in found] == [
        ("webhook", "https://a.example/x", SECRET),
        ("webhook", "https://b.example/y", SECRET),
        ("slack", "https://a.example/x", None),
    ]


def test_an_endpoints_name_is_stable_and_tells_nothing() -> None:
    """The name is in the database and in logs; the address is not."""
    (first,) = endpoints_from({"slack": "https://a.example/x https://a.example/x"}, None)

    assert first.id == "slack-39021306bfa3"


def test_no_setting_is_no_endpoint() -> None:
    """A new installation sends no alerts."""
    assert endpoints_from({"webhook": "", "slack": " "}, None) == []


def test_every_fault_is_told_and_none_is_quoted() -> None:
    """The message goes to a terminal that others see."""
    addresses = {
        "webhook": "http://a.example/hush https://b.example/ https://me:hush@c.example/",
        "slack": "hush https://d.example:99999/hush",
    }

    with pytest.raises(Misconfigured) as caught:
        endpoints_from(addresses, "whsec_hush")

    assert str(caught.value) == (
        "WEBHOOK_SECRET must be whsec_ and the base64 of 24 to 64 bytes"
        "; WEBHOOK_URLS: address 1 must start with https://"
        "; WEBHOOK_URLS: address 3 must not carry a user name or password"
        "; SLACK_WEBHOOK_URLS: address 1 is not a web address"
        "; SLACK_WEBHOOK_URLS: address 2 is not a web address"
    )


def test_webhooks_need_a_secret() -> None:
    """A request without a signature can come from any sender."""
    with pytest.raises(Misconfigured, match="set WEBHOOK_SECRET: what goes to WEBHOOK_URLS"):
        endpoints_from({"webhook": "https://a.example/"}, None)


def test_a_laptop_may_send_to_itself() -> None:
    """With private addresses let in, plain http is too: a laptop has no certificate."""
    (found,) = endpoints_from({"slack": "http://127.0.0.1:9/x"}, None, allow_private=True)

    assert found.address == "http://127.0.0.1:9/x"


@pytest.mark.parametrize("secret", [secret_of(24), secret_of(64), f"{SECRET} {secret_of(32)}"])
def test_takes_secrets_of_24_to_64_bytes_and_two_of_them(secret: str) -> None:
    """The standard's own bounds; two while one replaces the other."""
    (found,) = endpoints_from({"webhook": "https://a.example/"}, secret)

    assert found.secret == secret


@pytest.mark.parametrize(
    "secret", [secret_of(23), secret_of(65), SECRET[6:], f"{SECRET}!", "whsec_"]
)
def test_refuses_a_secret_that_is_none(secret: str) -> None:
    """A short secret can be guessed, a wrong one fails at the other end only."""
    with pytest.raises(Misconfigured, match="WEBHOOK_SECRET must be"):
        endpoints_from({"webhook": "https://a.example/"}, secret)


def test_refuses_more_endpoints_than_can_be_served_at_once() -> None:
    """Each endpoint takes a thread, and all together must take seconds."""
    many = " ".join(f"https://a.example/{number}" for number in range(MAX_ENDPOINTS + 1))

    with pytest.raises(Misconfigured, match="at most 32"):
        endpoints_from({"slack": many}, None)
