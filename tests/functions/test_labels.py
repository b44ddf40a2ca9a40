from typing import Any

import pytest
from werkzeug.test import Client

from risksentinel.assembly.container import Container
from risksentinel.domain.label import Finding
from tests.functions.caller import ALERTS, TRANSACTIONS, said, violations
from tests.functions.labelling import FRAUD, kept, label


@pytest.mark.usefixtures("payment")
def test_a_label_is_written_once_and_answered_with_what_counts(api: Client) -> None:
    """A client that retries after a lost response gets the same labels."""
    first = label(api, FRAUD)
    again = label(api, FRAUD)

    assert said(first, 201) == said(again, 200)
    answer = said(again)
    assert (answer["label"], answer["source"]) == ("fraud", "chargeback")
    assert [each["reported_by"] for each in answer["history"]] == ["local"]


@pytest.mark.usefixtures("payment")
def test_a_weaker_source_is_kept_and_does_not_count(api: Client) -> None:
    """A stronger source wins; the analyst's label stays in the history."""
    label(api, FRAUD)

    answer = said(label(api, {"label": "genuine", "source": "analyst"}), 201)

    assert (answer["label"], len(answer["history"])) == ("fraud", 2)


@pytest.mark.usefixtures("payment")
def test_a_payment_shows_the_label_that_counts(api: Client) -> None:
    """A payment is shown with its effective label, its source and time, or null."""

    def shown() -> dict[str, Any] | None:
        found: dict[str, Any] | None = said(api.get(f"{TRANSACTIONS}p-1"))["label"]
        return found

    unreviewed = shown()
    label(api, FRAUD)
    label(api, {"label": "genuine", "source": "analyst"})
    scheme = shown()
    label(api, {"label": "withdrawn", "source": "chargeback"})
    analyst = shown()
    label(api, {"label": "withdrawn", "source": "analyst"})

    assert unreviewed is None
    assert scheme == {
        "source": "chargeback",
        "version": 1,
        "label": "fraud",
        "reported_by": "local",
        "reported_at": "2026-05-01T12:00:00Z",
        "written_at": "2026-05-01T12:00:00Z",
    }
    assert analyst is not None
    assert (analyst["label"], analyst["source"]) == ("genuine", "analyst")
    assert shown() is None


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"label": "fraud"}, "source"),
        ({"label": "maybe", "source": "analyst"}, "label"),
        ({**FRAUD, "reported_at": "yesterday"}, "reported_at"),
        ({**FRAUD, "reported_at": "2026-05-09T12:00:00Z"}, "reported_at"),
        ({**FRAUD, "reported_at": "2026-04-09T12:00:00Z"}, "reported_at"),
        ({**FRAUD, "weight": 2}, "weight"),
    ],
)
@pytest.mark.usefixtures("payment")
def test_a_label_that_means_nothing_is_refused(
    api: Client, body: dict[str, object], path: str
) -> None:
    """An invalid label is refused: labels are used for training."""
    assert [*violations(label(api, body))] == [path]


def test_a_payment_that_is_not_there_is_404(api: Client) -> None:
    """A label of an unknown payment gets 404."""
    assert label(api, FRAUD).status_code == 404


@pytest.mark.parametrize(
    ("disposition", "counts"),
    [("confirmed_fraud", "fraud"), ("false_positive", "genuine"), ("inconclusive", None)],
)
def test_a_disposition_becomes_a_label(
    api: Client,
    container: Container,
    payment: dict[str, Any],
    disposition: str,
    counts: str | None,
) -> None:
    """A disposition labels the payment for training; an open alert does not."""
    alert = ALERTS + payment["alert_id"]
    said(api.patch(alert, json={"disposition": disposition}))
    said(api.patch(alert, json={"note": "called him"}))

    found = [(each.finding.value, each.source.value, each.reported_by) for each in kept(container)]

    assert found == ([] if counts is None else [(counts, "analyst", "local")])


def test_a_corrected_disposition_replaces_the_label(
    api: Client, container: Container, payment: dict[str, Any]
) -> None:
    """A corrected disposition replaces the label."""
    alert = ALERTS + payment["alert_id"]
    for disposition in ("confirmed_fraud", "inconclusive"):
        said(api.patch(alert, json={"disposition": disposition}))

    assert [each.finding for each in kept(container)] == [Finding.FRAUD, Finding.WITHDRAWN]
