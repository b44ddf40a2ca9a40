"""The embedded engine: five functions in one process, with SQLite, memory and the outbox itself."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event as Bell
from typing import TYPE_CHECKING

from functions.alert_dispatch.main import build as build_alert_dispatch
from functions.dashboard.main import build as build_dashboard
from functions.ingest.main import build as build_ingest
from functions.rules_crud.main import build as build_rules_crud
from functions.score.main import build as build_score
from infra.local.gateway import Gateway
from infra.local.home import held
from infra.local.relay_thread import RelayThread
from infra.local.wsgi_delivery import deliver_batches, deliver_singly
from infra.migrate import migrate
from infra.seed import seed
from risksentinel.adapters.direct_publisher import DirectPublisher
from risksentinel.assembly.backbone import Backbone
from risksentinel.events import alert_raised, transaction_received
from risksentinel.runtime.settings import Settings
from risksentinel.usecases.relay_outbox import BackOff, RelayOutbox

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine: its gateway takes requests, its relay hands announcements on."""

    backbone: Backbone
    gateway: "WSGIApplication"
    relay: RelayOutbox


@contextmanager
def running(settings: Settings) -> Iterator[Engine]:
    """Migrate, seed, wire and start; at the end the relay finishes its pass.

    Raises:
        Misconfigured: a setting is wrong, or another engine uses the same data.
    """
    settings.make_home()
    with held(settings.risksentinel_home):
        migrate(settings.database)
        bell = Bell()
        backbone = Backbone(settings, bell=bell.set)
        seed(backbone)
        functions = _functions(backbone)
        publisher = DirectPublisher(
            {
                transaction_received.TOPIC: deliver_batches(functions["score"]),
                alert_raised.TOPIC: deliver_singly(functions["alert-dispatch"]),
            }
        )
        relay = RelayOutbox(backbone.outbox, publisher, backbone.clock, BackOff())
        thread = RelayThread(relay, bell)
        thread.start()
        try:
            yield Engine(backbone, Gateway(functions), relay)
        finally:
            thread.stop()
            backbone.close()


def _functions(backbone: Backbone) -> Mapping[str, "WSGIApplication"]:
    return {
        "ingest": build_ingest(backbone),
        "score": build_score(backbone),
        "alert-dispatch": build_alert_dispatch(backbone),
        "rules-crud": build_rules_crud(backbone),
        "dashboard": build_dashboard(backbone),
    }
