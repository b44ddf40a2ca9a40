"""Runs the five functions in one process, with SQLite, a history in memory and no broker."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from functions.alert_dispatch.main import build as build_alert_dispatch
from functions.dashboard.main import build as build_dashboard
from functions.ingest.main import build as build_ingest
from functions.rules_crud.main import build as build_rules_crud
from functions.score.main import build as build_score
from risksentinel.adapters.memory.direct_publisher import DeliverEvents
from risksentinel.assembly.container import Container
from risksentinel.embedded.gateway import Gateway
from risksentinel.embedded.home_lock import locked_home
from risksentinel.embedded.topic_relays import WakeUps, relays
from risksentinel.embedded.wsgi_delivery import deliver_batches, deliver_singly
from risksentinel.events import (
    alert_raised,
    alert_updated,
    report_due,
    rules_changed,
    transaction_labelled,
    transaction_received,
    transaction_scored,
)
from risksentinel.migrations.migrate import migrate
from risksentinel.ports.publishing import Publisher
from risksentinel.seed import seed
from risksentinel.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

UNCONSUMED_TOPICS: Final = (
    transaction_scored.TOPIC,
    alert_updated.TOPIC,
    report_due.TOPIC,
    rules_changed.TOPIC,
)


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine; `gateway` is the WSGI application of all five functions."""

    container: Container
    gateway: "WSGIApplication"


@contextmanager
def running(settings: Settings, decided: Publisher | None = None) -> Iterator[Engine]:
    """Migrate and seed the database, start the functions and relays; stop them after the block.

    `decided` gets the event of each decision, after its commit.

    Raises:
        Misconfigured: a setting is wrong, or another engine uses the same data.
    """
    settings.make_home()
    with locked_home(settings.risksentinel_home):
        migrate(settings.database)
        wake_ups = WakeUps(4 if decided is None else 5)
        container = Container(settings, wake_up=wake_ups.wake_all)
        seed(container)
        functions = _functions(container)
        threads = relays(container, _consumers(functions), UNCONSUMED_TOPICS, wake_ups, decided)
        for thread in threads:
            thread.start()
        gc.freeze()  # collections skip the imported modules: 8 to 20 % of a payment's CPU time
        try:
            yield Engine(container, Gateway(functions))
        finally:
            gc.unfreeze()
            for thread in threads:
                thread.ask_to_stop()
            for thread in threads:
                thread.join()
            container.close()


def _consumers(functions: Mapping[str, "WSGIApplication"]) -> dict[str, DeliverEvents]:
    return {
        transaction_received.TOPIC: deliver_batches(functions["score"]),
        transaction_labelled.TOPIC: deliver_batches(functions["score"]),
        alert_raised.TOPIC: deliver_singly(functions["alert-dispatch"]),
    }


def _functions(container: Container) -> Mapping[str, "WSGIApplication"]:
    return {
        "ingest": build_ingest(container),
        "score": build_score(container),
        "alert-dispatch": build_alert_dispatch(container),
        "rules-crud": build_rules_crud(container),
        "dashboard": build_dashboard(container),
    }
