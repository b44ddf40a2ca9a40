"""An invalid choice is refused with the list of valid words."""

from enum import StrEnum

import pytest
from werkzeug.test import Client

from risksentinel.domain.alert import AlertStatus, Disposition
from risksentinel.domain.label import Finding, LabelSource
from risksentinel.domain.transaction import Channel, Rail, TransactionStatus
from risksentinel.domain.verdict import RiskLevel
from risksentinel.rules.rule import Severity
from tests.functions.bad_bodies import RULE
from tests.functions.caller import ALERTS, LARGE, PAYMENT, RULES, TRANSACTIONS, said, violations

WRONG = ("a", "open_", "mobile", "acc-1", "")  # no answer repeats them
IS_CHANNEL = {"field": "channel", "operator": "eq", "value": ""}


def must_list(told: dict[str, str], path: str, words: type[StrEnum], wrong: str) -> None:
    """The only violation has this path, lists the words, and repeats no account."""
    assert list(told) == [path]
    assert f"must be one of: {', '.join(words)}" in told[path]
    if wrong.startswith("acc"):
        assert wrong not in told[path]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(("name", "words"), [("channel", Channel), ("rail", Rail)])
def test_a_payment_alone_and_in_a_batch(
    api: Client, name: str, words: type[StrEnum], wrong: str
) -> None:
    """The channel and rail of a payment are common mistakes."""
    payment = {**PAYMENT, name: wrong}

    alone = api.post(TRANSACTIONS, json=payment)
    batch = api.post(f"{TRANSACTIONS}batch", json={"transactions": [payment]})

    must_list(violations(alone), name, words, wrong)
    (result,) = said(batch, 207)["results"]
    assert result["problem"]["errors"] == alone.get_json(force=True)["errors"]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(
    ("address", "name", "words"),
    [
        (TRANSACTIONS, "status", TransactionStatus),
        (TRANSACTIONS, "risk_level", RiskLevel),
        (ALERTS, "status", AlertStatus),
        (ALERTS, "severity", RiskLevel),
    ],
)
def test_a_filter(api: Client, address: str, name: str, words: type[StrEnum], wrong: str) -> None:
    """A filter is refused with the valid words."""
    told = violations(api.get(address, query_string={name: wrong}))

    must_list(told, f"query.{name}", words, wrong)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(("name", "words"), [("status", AlertStatus), ("disposition", Disposition)])
def test_a_change_of_an_alert(api: Client, name: str, words: type[StrEnum], wrong: str) -> None:
    """A change of an alert is refused with the valid words."""
    alert = said(api.post(TRANSACTIONS, json=LARGE), 201)["alert_id"]

    told = violations(api.patch(ALERTS + alert, json={name: wrong}))

    must_list(told, name, words, wrong)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(("name", "words"), [("source", LabelSource), ("label", Finding)])
def test_a_label(api: Client, name: str, words: type[StrEnum], wrong: str) -> None:
    """A label is refused with the valid words."""
    said(api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1"}), 201)
    label = {"label": "fraud", "source": "chargeback", name: wrong}

    must_list(violations(api.post(f"{TRANSACTIONS}p-1/label", json=label)), name, words, wrong)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_rule(api: Client, wrong: str) -> None:
    """A rule with an unknown channel would never fire."""
    severity = violations(api.post(RULES, json={**RULE, "severity": wrong}))
    condition = {**IS_CHANNEL, "value": wrong or "none"}
    value = violations(api.post(RULES, json={**RULE, "condition": condition}))

    must_list(severity, "severity", Severity, wrong)
    must_list(value, "condition.value", Channel, wrong)


@pytest.mark.parametrize("method", ["get", "patch"])
def test_an_invalid_id_in_the_path_is_refused_with_its_form(api: Client, method: str) -> None:
    """An id with a blank is a common copy mistake."""
    answer = api.open(f"{ALERTS}a b", method=method.upper(), json={"note": "x"})

    words = violations(answer)["path.alert_id"]
    assert words.startswith("must be 1 to 64 letters, digits")
    assert "pattern" not in answer.text
