"""The relay of a function that has a broker: right after each commit, and on a timer's sweep."""

from threading import Event as Bell
from typing import Final

from risksentinel.adapters.sql_dead_letters import SqlDeadLetters
from risksentinel.adapters.sql_outbox import SqlOutbox
from risksentinel.assembly.backbone import Backbone
from risksentinel.assembly.relay_thread import RelayThread
from risksentinel.ports import Publisher
from risksentinel.runtime.metrics import FunctionMetrics
from risksentinel.usecases.relay_outbox import BackOff, Relayed, RelayOutbox

GATHER_SECONDS: Final = 0.002  # the commits of the threads that are at work together


def relay_outbox(backbone: Backbone, publisher: Publisher) -> RelayOutbox:
    """One pass over the whole outbox."""
    return RelayOutbox(backbone.outbox, publisher, backbone.clock, BackOff())


def broker_relay(backbone: Backbone, publisher: Publisher, name: str, bell: Bell) -> RelayThread:
    """The function's relay, not started yet."""
    metrics = FunctionMetrics(name)
    watch_outbox(metrics, backbone)

    def tell(relayed: Relayed) -> int:
        return tell_relayed(metrics, relayed, backbone.outbox)

    return RelayThread(relay_outbox(backbone, publisher), bell, tell, GATHER_SECONDS)


def tell_relayed(metrics: FunctionMetrics, relayed: Relayed, outbox: SqlOutbox) -> int:
    """Count what a pass did, and what waits now; answers the latter."""
    metrics.relayed("delivered", relayed.delivered)
    metrics.relayed("postponed", relayed.postponed)
    metrics.relayed("dead", relayed.dead)
    return outbox.depth()


def watch_outbox(metrics: FunctionMetrics, backbone: Backbone) -> None:
    """Let each scrape read what waits, and what was given up in the database."""
    metrics.watch_outbox(backbone.outbox.depth, backbone.outbox.oldest, backbone.clock)
    if isinstance(backbone.dead_letters, SqlDeadLetters):
        metrics.watch_dead_letters(backbone.dead_letters.depth)
    backbone.on_close(metrics.unwatch)
