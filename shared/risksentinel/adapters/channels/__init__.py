"""CHANNELS: the registry of alert channels, one line for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from risksentinel.adapters.channels.slack import SlackChannel
from risksentinel.adapters.channels.webhook import WebhookChannel
from risksentinel.adapters.http.guarded import GuardedHttp
from risksentinel.ports.alerting import AlertChannel
from risksentinel.ports.environment import Clock


@dataclass(frozen=True, slots=True)
class Registration:
    """The factory of a channel, the setting with its addresses, and whether it signs messages."""

    make: Callable[[GuardedHttp, Clock], AlertChannel]
    setting: str
    signs: bool = False


CHANNELS: Final[Mapping[str, Registration]] = MappingProxyType(
    {
        "webhook": Registration(WebhookChannel, "WEBHOOK_URLS", signs=True),
        "slack": Registration(lambda http, _clock: SlackChannel(http), "SLACK_WEBHOOK_URLS"),
    }
)


def channels(http: GuardedHttp, clock: Clock) -> dict[str, AlertChannel]:
    """Every registered channel, by name."""
    return {name: registered.make(http, clock) for name, registered in CHANNELS.items()}
