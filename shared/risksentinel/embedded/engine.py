"""Runs the five functions in one process, with SQLite, a history in memory and no broker."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Final

from risksentinel.adapters.memory.direct_publisher import DeliverEvents
from risksentinel.adapters.sql.journal_damage import refuse_damaged_journal
from risksentinel.assembly.container import Container
from risksentinel.assembly.garbage_collection import rare_collections
from risksentinel.assembly.ledger_key import key_of
from risksentinel.assembly.ledger_thread import LedgerThread, ledger_thread
from risksentinel.assembly.relay_thread import RelayThread
from risksentinel.embedded.decision_thread import DecisionThread
from risksentinel.embedded.functions import FUNCTIONS
from risksentinel.embedded.gateway import Gateway
from risksentinel.embedded.home_lock import locked_home
from risksentinel.embedded.topic_relays import TopicInbox, relays
from risksentinel.embedded.wsgi_delivery import deliver_batches, deliver_singly
from risksentinel.events import fraud_confirmed, payment_submitted
from risksentinel.events.registry import EVENTS
from risksentinel.migrations.migrate import migrate
from risksentinel.ports.publishing import Publisher
from risksentinel.seed import seed
from risksentinel.settings import Settings
from risksentinel.text.addresses import is_loopback

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# Events of these topics arrive from other systems by HTTP: the outbox has none of them.
FROM_OUTSIDE: Final = frozenset({payment_submitted.TOPIC, fraud_confirmed.TOPIC})


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
        Unavailable: the database or its journal is damaged.
    """
    settings.make_home()
    with locked_home(settings.risksentinel_home):
        refuse_damaged_journal(settings.database)
        migrate(settings.database)
        decisions = [] if decided is None else [DecisionThread(decided)]
        inbox = TopicInbox(consuming_functions(), *decisions)
        key_of(settings, make=True)
        secret = token_urlsafe()
        # Events come from the outbox of this process only, whatever address it listens on.
        container = Container(_taking_events_with(secret, settings), inbox)
        seed(container)
        functions = {name: build(container) for name, build in FUNCTIONS.items()}
        threads: list[RelayThread | DecisionThread | LedgerThread] = [
            *relays(container, consumers(functions, secret), inbox),
            *decisions,
            ledger_thread(container, "ledger"),
        ]
        for thread in threads:
            thread.start()
        try:
            with rare_collections():
                yield Engine(container, Gateway(functions, metrics=is_loopback(settings.host)))
        finally:
            for thread in threads:
                thread.ask_to_stop()
            for thread in threads:
                thread.join()
            container.close()


def consuming_functions() -> Mapping[str, str]:
    """The consuming function of each topic that the functions write to."""
    return {
        topic: event.consumer
        for topic, event in EVENTS.items()
        if event.consumer is not None and topic not in FROM_OUTSIDE
    }


def _taking_events_with(secret: str, settings: Settings) -> Settings:
    return settings.model_copy(update={"event_auth": "secret", "event_secret": secret})


def consumers(
    functions: Mapping[str, "WSGIApplication"], secret: str = ""
) -> dict[str, DeliverEvents]:
    """The delivery to the consuming function, for each topic that the functions write to."""
    return {
        topic: _delivery(name, functions[name], secret)
        for topic, name in consuming_functions().items()
    }


def _delivery(name: str, function: "WSGIApplication", secret: str) -> DeliverEvents:
    # In a batch, an alert would wait for the webhooks of the alerts before it.
    deliver = deliver_singly if name == "alert-dispatch" else deliver_batches
    return deliver(function, secret)
