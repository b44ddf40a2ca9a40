"""Each kind of work of the functions, on one container."""

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.test import Client

from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.assembly.container import Container
from risksentinel.assembly.dead_letters import dead_letters
from risksentinel.domain.access import Role
from risksentinel.events.event import Event
from risksentinel.ports.publishing import Delivery, Outcome
from risksentinel.seed import seed
from risksentinel.settings import Settings
from risksentinel.usecases.relay_outbox import NOTHING, BackOff, RelayOutbox
from tests.functions.caller import (
    CASH,
    ENTRIES,
    LISTS,
    NOW,
    PAYMENT,
    REPORTS,
    RULE,
    RULES,
    TRANSACTIONS,
    caller,
    imported,
    said,
)
from tests.functions.http_issuer import http_issuer
from tests.functions.keyed import keyed, manage_keys
from tests.functions.people import OWN, Functions, oidc
from tests.functions.proposing import approved, decided
from tests.ledger.kept import anchored, chained, write


def work(container: Container) -> None:
    """Do each kind of work of the functions, and chain and anchor its entries."""
    seed(container)
    api = caller(container)
    write(api)
    _change_lists_and_reports(api)
    _send_events(container)
    _change_by_four_eyes(container)
    _sign_in_and_out(container)
    chained(container)
    anchored(container)


def _change_lists_and_reports(api: Client) -> None:
    said(api.post(TRANSACTIONS, json={**CASH, "id": "p-cash"}), 201)
    (report, *_) = said(api.get(REPORTS))["items"]
    filed = {"status": "filed", "reference": "FIC-2026/1"}
    said(api.patch(REPORTS + report["id"], json=filed))
    said(imported(api, "value\nacc-7\nacc-8\n"))
    assert api.delete(f"{ENTRIES}/acc-7").status_code == 204
    assert api.delete(f"{LISTS}watched").status_code == 204
    rule = said(api.post(RULES, json={**RULE, "name": "Stopped"}), 201)
    said(api.delete(RULES + rule["id"]))
    said(api.get("/api/v1/dashboard/summary"))


def _send_events(container: Container) -> None:
    """A payment that is stored and scored later; passes over the outbox, and a dead letter."""
    paid = {**PAYMENT, "id": "p-later"}
    prefer = {"Prefer": "respond-async"}
    said(caller(container).post(TRANSACTIONS, json=paid, headers=prefer), 202)
    said(caller(container).post(TRANSACTIONS, json=paid), 201)
    outbox, letters = SqlOutbox(container.engine), dead_letters(container)
    relay = RelayOutbox(outbox, Broker(), lambda: NOW, BackOff(attempts=0))
    while relay() != NOTHING:
        pass
    (letter,) = letters.list(None, 10)
    assert letters.replay([letter.id], NOW) == 1
    assert relay().delivered == 1


@dataclass
class Broker:
    """Fails to deliver the first event, and delivers all others."""

    failed: bool = False

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Return one delivery for each event."""
        first = [] if self.failed else [Delivery(Outcome.FAILED, "busy", 503)]
        self.failed = True
        return [*first, *(Delivery(Outcome.DELIVERED) for _ in events[len(first) :])]


def _change_by_four_eyes(container: Container) -> None:
    guarded = _with(container, {"auth": "keys"})
    author = keyed(guarded, "author", Role.RULE_AUTHOR)
    manager = keyed(guarded, "manager", Role.RISK_MANAGER)
    proposal = said(author.post(RULES, json={**RULE, "name": "Proposed"}), 202)
    approved(manager, proposal)
    other = said(author.post(LISTS, json={"name": "proposed"}), 202)
    assert decided(manager, other, "refuse", "not now").status_code == 200
    keys = manage_keys(guarded)
    key = keys.create("feed", [Role.SUBMITTER], [], None, "operator:test").key
    keys.revoke(key.id, "operator:test")
    guarded.close()


def _sign_in_and_out(container: Container) -> None:
    with http_issuer() as issuer:
        functions = Functions(_with(container, oidc(issuer)))
        browser = functions.browser()
        assert browser.sign_in(issuer).status_code == 200
        assert browser.who().status_code == 200
        assert browser.send("POST", "/sign-out", **OWN).status_code < 400
        functions.container.close()


def _with(container: Container, changes: dict[str, object]) -> Container:
    given = container.settings.model_dump(exclude_defaults=True)
    return Container(Settings.model_validate({**given, **changes}), clock=lambda: NOW)
