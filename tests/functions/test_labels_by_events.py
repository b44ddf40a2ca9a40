from collections.abc import Sequence
from dataclasses import replace

import pytest
from werkzeug.test import Client

from functions.score.main import build
from risksentinel.assembly.container import Container
from risksentinel.assembly.label_records import label_records
from risksentinel.assembly.ledger import ledger
from risksentinel.cloudevents.binding import to_batch
from risksentinel.domain.label import Finding
from risksentinel.domain.reviewed import Labelled
from risksentinel.events import transaction_labelled
from risksentinel.events.event import Event
from risksentinel.usecases.remember_labels import RememberLabels
from tests.functions.caller import LARGE, PAYMENT, TRANSACTIONS
from tests.functions.labelling import FRAUD, confirmed, kept, label, sent


@pytest.fixture
def function(container: Container) -> Client:
    """The score function itself."""
    return Client(build(container))


@pytest.mark.usefixtures("payment")
def test_a_chargeback_comes_as_an_event_and_again_changes_nothing(
    function: Client, container: Container
) -> None:
    """Kafka delivers at least once."""
    answers = [sent(function, confirmed()).status_code for _ in range(2)]

    (only,) = kept(container)
    assert answers == [204, 204]
    assert (only.finding, only.reported_by) == (Finding.FRAUD, "local")


@pytest.mark.parametrize(
    "event",
    [
        confirmed("unknown"),
        confirmed(source="analyst"),
        confirmed(reported_at=None),
        confirmed(reported_at="2031-05-01T12:00:00Z"),
        confirmed(reported_by="a\nb"),
    ],
    ids=["unknown payment", "source", "no time", "future", "reporter"],
)
@pytest.mark.usefixtures("payment")
def test_an_event_that_can_never_work_goes_to_the_dead_letters(
    function: Client, container: Container, event: Event
) -> None:
    """The dead letter has the reason, so that the operator can find the payment."""
    answer = sent(function, event)

    assert answer.status_code == 422
    assert answer.headers["Kne-Reason"]
    assert kept(container) == []


@pytest.mark.usefixtures("payment")
def test_events_of_all_types_come_in_one_batch(function: Client, container: Container) -> None:
    """An invalid event of a batch does not fail the others."""
    headers, body = to_batch([confirmed(), confirmed("unknown")])

    answer = function.post("/", headers=headers, data=body)

    assert [line["status"] for line in answer.get_json(force=True)] == [204, 422]
    assert len(kept(container)) == 1


def test_the_event_of_a_label_is_accepted_by_the_function_score(
    function: Client, api: Client, container: Container
) -> None:
    """The event of a label is accepted by the function score, which updates the history."""
    api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-2"})
    label(api, FRAUD, "p-2")
    (written,) = kept(container)
    with ledger(container).unit() as unit:
        reviewed = unit.reviewed("p-2")
    event = transaction_labelled.encode(
        type(reviewed)(reviewed.transaction).labelled(written), "/risksentinel/ingest"
    )

    assert sent(function, event).status_code == 204
    assert sent(function, confirmed()).status_code == 422


@pytest.mark.parametrize(
    "forged",
    [
        {"version": 2},
        {"finding": "genuine"},
        {"source": "analyst"},
        {"written_at": "2026-05-01T12:00:01Z"},
    ],
    ids=str,
)
@pytest.mark.usefixtures("payment")
def test_a_label_that_is_not_stored_changes_no_history(
    function: Client, api: Client, container: Container, forged: dict[str, object]
) -> None:
    """A forged event of a label would poison what models learn."""
    label(api, FRAUD)
    event = labelled_event(container)

    answer = sent(function, replace(event, data={**event.data, **forged}))

    assert answer.status_code == 422
    assert sent(function, event).status_code == 204


@pytest.mark.usefixtures("payment")
def test_the_effect_of_a_label_is_that_of_the_stored_one(api: Client, container: Container) -> None:
    """An event may state another payment, or another effect."""
    label(api, FRAUD)
    event = labelled_event(container)
    other = {**event.data["transaction"], "receiver_id": "acc-9", "amount_zar": "1.00"}
    forged = replace(event, data={**event.data, "transaction": other, "standing": "genuine"})
    remembered: list[Labelled] = []

    class Memory:
        def label(self, batch: Sequence[Labelled]) -> None:
            remembered.extend(batch)

    RememberLabels(label_records(container), Memory())([transaction_labelled.decode(forged.data)])

    (change,) = remembered
    assert change.transaction.receiver_id == LARGE["receiver_id"]
    assert (change.before, change.standing) == (None, Finding.FRAUD)


def labelled_event(container: Container) -> Event:
    """The event of the only label of p-1."""
    (written,) = kept(container)
    with ledger(container).unit() as unit:
        reviewed = unit.reviewed("p-1")
    return transaction_labelled.encode(
        type(reviewed)(reviewed.transaction).labelled(written), "/risksentinel/ingest"
    )
