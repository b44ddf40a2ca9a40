"""The relays of the embedded engine: a thread a topic, so that a slow webhook holds up no score."""

from collections.abc import Mapping, Sequence
from threading import Event as Bell
from typing import Final

from infra.local.wsgi_delivery import Deliver
from risksentinel.adapters.direct_publisher import DirectPublisher
from risksentinel.adapters.sql_outbox import SqlOutbox
from risksentinel.assembly.backbone import Backbone
from risksentinel.assembly.broker_relay import tell_relayed
from risksentinel.assembly.relay_thread import RelayThread
from risksentinel.runtime.metrics import FunctionMetrics
from risksentinel.usecases.relay_outbox import BackOff, RelayOutbox

GATHER_SECONDS: Final = 0.05  # payments are written meanwhile: SQLite has one writer


class Bells:
    """Rung by each commit, heard by every relay."""

    def __init__(self, count: int) -> None:
        self.each = [Bell() for _ in range(count)]

    def ring(self) -> None:
        """Wake the relays."""
        for bell in self.each:
            bell.set()


def relays(
    backbone: Backbone, consumers: Mapping[str, Deliver], others: Sequence[str], bells: Bells
) -> list[RelayThread]:
    """One for each consumed topic, and one for all those that nobody consumes here."""
    backbone.outbox.free()
    publisher, metrics = DirectPublisher(consumers), FunctionMetrics("relay")
    topics = [*((topic,) for topic in consumers), tuple(others)]
    return [
        RelayThread(
            RelayOutbox(SqlOutbox(backbone.engine, of), publisher, backbone.clock, BackOff()),
            bell,
            lambda relayed: tell_relayed(metrics, relayed, backbone.outbox),
            GATHER_SECONDS,
        )
        for of, bell in zip(topics, bells.each, strict=True)
    ]
