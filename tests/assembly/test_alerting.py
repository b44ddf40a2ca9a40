from types import MappingProxyType

import pytest

from risksentinel.adapters import channels as registry
from risksentinel.adapters.channels import CHANNELS, Registration
from risksentinel.adapters.channels.slack import SlackChannel
from risksentinel.assembly import alerting
from risksentinel.assembly.alerting import endpoints
from risksentinel.settings import Settings

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ADDRESS = "https://alerts.example.com/hook"


def settings(**variables: str) -> Settings:
    """The settings of an environment that has these variables and a secret."""
    return Settings.read({"WEBHOOK_SECRET": SECRET, **variables})


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_registered_channel_reads_its_addresses_from_its_setting(channel: str) -> None:
    """A channel that is registered must not stay unused without an error."""
    (endpoint,) = endpoints(settings(**{CHANNELS[channel].setting: ADDRESS}))

    assert (endpoint.channel, endpoint.address) == (channel, ADDRESS)


def test_a_channel_is_used_as_soon_as_it_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry's line is the only place that names a channel."""
    pager = Registration(lambda http, _clock: SlackChannel(http), "SLACK_WEBHOOK_URLS")
    register(monkeypatch, pager)

    found = endpoints(settings(SLACK_WEBHOOK_URLS=ADDRESS))

    assert {each.channel for each in found} == {"slack", "pager"}


def test_a_channel_without_a_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registration error stops the function at its start: no alert is dropped silently."""
    register(monkeypatch, Registration(lambda http, _clock: SlackChannel(http), "PAGER_URLS"))

    with pytest.raises(AttributeError, match="pager_urls"):
        endpoints(settings())


def register(monkeypatch: pytest.MonkeyPatch, pager: Registration) -> None:
    """Add the channel `pager` to the registry for one test."""
    extended = MappingProxyType({**CHANNELS, "pager": pager})
    monkeypatch.setattr(registry, "CHANNELS", extended)
    monkeypatch.setattr(registry.endpoints, "CHANNELS", extended)
    monkeypatch.setattr(alerting, "CHANNELS", extended)
