from typing import Any

from werkzeug.test import Client

from tests.functions.caller import ALERTS, PAYMENT, TRANSACTIONS, said
from tests.functions.labelling import FRAUD, label


def test_contrary_chargebacks_reopen_the_alert_and_a_disposition_decides(
    api: Client, payment: dict[str, Any]
) -> None:
    """A forged "genuine", dated after the bank's word, must not outlive it."""
    alert = ALERTS + payment["alert_id"]
    said(api.patch(alert, json={"status": "resolved", "disposition": "inconclusive"}))
    label(api, FRAUD)

    contrary = said(label(api, {**FRAUD, "label": "genuine"}), 201)
    reopened = said(api.get(alert))["status"]
    said(api.patch(alert, json={"status": "resolved", "disposition": "confirmed_fraud"}))
    decided = said(label(api, FRAUD))

    assert (contrary["label"], contrary["in_conflict"]) == (None, True)
    assert reopened == "open"
    assert (decided["label"], decided["source"]) == ("fraud", "analyst")
    assert decided["in_conflict"] is False


def test_contrary_labels_of_an_approved_payment_raise_an_alert(api: Client) -> None:
    """The conflict must be on the list of an analyst."""
    said(api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-2"}), 201)
    label(api, FRAUD, "p-2")
    before = said(api.get(ALERTS))["items"]

    label(api, {**FRAUD, "label": "genuine"}, "p-2")

    (alert,) = said(api.get(ALERTS))["items"]
    assert before == []
    assert (alert["transaction_id"], alert["severity"]) == ("p-2", "high")
    assert "contradict one another" in alert["reasons"][0]
