"""The relays of the embedded engine: a thread a topic, so that a slow webhook holds up no score."""

from collections.abc import Callable, Mapping, Sequence
from threading import Event as Bell
from threading import Thread
from time import sleep
from typing import Final

import structlog

from infra.local.wsgi_delivery import Deliver
from risksentinel.adapters.direct_publisher import DirectPublisher
from risksentinel.adapters.sql_outbox import SqlOutbox
from risksentinel.assembly.backbone import Backbone
from risksentinel.errors import Unavailable
from risksentinel.runtime.metrics import FunctionMetrics
from risksentinel.usecases.relay_outbox import NOTHING, BackOff, Relayed, RelayOutbox

GATHER_SECONDS: Final = 0.05  # one pass for the commits of a moment, not one for each
SWEEP_SECONDS: Final = 1.0  # finds what a crash or another process left
RETRY_SECONDS: Final = 0.1  # while something waits for its next attempt
STOP_SECONDS: Final = 15.0
log = structlog.get_logger(__name__)


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
) -> list["RelayThread"]:
    """One for each consumed topic, and one for all those that nobody consumes here."""
    backbone.outbox.free()
    publisher, metrics = DirectPublisher(consumers), FunctionMetrics("relay")
    topics = [*((topic,) for topic in consumers), tuple(others)]
    return [
        RelayThread(
            RelayOutbox(SqlOutbox(backbone.engine, of), publisher, backbone.clock, BackOff()),
            bell,
            lambda relayed: _tell(metrics, relayed, backbone.outbox),
        )
        for of, bell in zip(topics, bells.each, strict=True)
    ]


def _tell(metrics: FunctionMetrics, relayed: Relayed, outbox: SqlOutbox) -> None:
    metrics.relayed("delivered", relayed.delivered)
    metrics.relayed("postponed", relayed.postponed)
    metrics.relayed("dead", relayed.dead)
    metrics.outbox_depth(outbox.depth())


class RelayThread:
    """Relays when the bell rings and sweeps in between; stops when told to."""

    def __init__(
        self, relay: Callable[[], Relayed], bell: Bell, tell: Callable[[Relayed], None]
    ) -> None:
        self._relay = relay
        self._bell = bell
        self._tell = tell
        self._stopping = False
        self._thread = Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Finish the pass that is under way; what is left stays in the outbox."""
        self._stopping = True
        self._bell.set()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping:
            retrying = self._drain()
            if self._bell.wait(RETRY_SECONDS if retrying else SWEEP_SECONDS):
                sleep(GATHER_SECONDS)
            self._bell.clear()

    def _drain(self) -> bool:
        """Relay until nothing is due; answers whether something waits for another attempt."""
        retrying = False
        while not self._stopping:
            try:
                relayed = self._relay()
                if relayed != NOTHING:
                    self._tell(relayed)
            except Unavailable as unavailable:
                log.warning("relay.postponed", reason=str(unavailable))
                return True
            except Exception:  # the thread must outlive a bug: the announcements wait meanwhile
                log.exception("relay.failed")
                return True
            retrying = retrying or relayed.postponed > 0
            if not relayed.delivered:
                break
        return retrying
