"""A draft scores beside the live version, is compared, and is promoted from the comparison."""

from time import monotonic, sleep
from typing import Any, Final

from werkzeug.test import Client

from risksentinel.assembly.container import Container
from risksentinel.assembly.policy import check_policy
from risksentinel.assembly.shadow import shadow
from tests.functions.caller import PAYMENT, TRANSACTIONS, said

POLICIES: Final = "/api/v1/policies/"
ANY: Final = {"If-Match": "*"}
_SECONDS: Final = 10


def strict(api: Client) -> int:
    """A draft that alerts on everything; its number."""
    draft = said(api.post(POLICIES, json={}), 201)
    low = {"medium": "0.0001", "high": "0.0001", "critical": "1", "alert_threshold": "0.0001"}
    contents = {**draft["contents"], "settings": {**draft["contents"]["settings"], **low}}
    path = f"{POLICIES}{draft['number']}"
    said(api.put(path, json={"contents": contents}, headers=ANY))
    return int(draft["number"])


def compared(api: Client, number: int, payments: int) -> dict[str, Any]:
    """The comparison once it has so many payments."""
    until = monotonic() + _SECONDS
    while (found := said(api.get(f"{POLICIES}{number}/comparison")))["payments"] < payments:
        assert monotonic() < until, found
        sleep(0.05)
    return found


def test_a_draft_in_shadow_is_compared_and_promoted(api: Client, container: Container) -> None:
    """Its decisions are stored, and have no effect before the promotion."""
    check_policy(container)
    number = strict(api)
    assert said(api.get(f"{POLICIES}{number}/comparison"))["payments"] == 0
    said(api.post(f"{POLICIES}{number}/shadow", headers=ANY))
    sleep(1.1)  # the rule book polls once a second
    assert shadow(container).is_on()

    payment = said(api.post(TRANSACTIONS, json=PAYMENT), 201)
    found = compared(api, number, 1)

    receipt = said(api.get(f"{TRANSACTIONS}{payment['id']}/score"))
    (example,) = found["examples"]
    assert example["transaction_id"] == receipt["transaction_id"]
    assert (example["live"]["decision"], receipt["decision"]) == ("approve", "approve")
    assert (example["shadow"]["decision"], example["shadow"]["alert"]) == ("review", True)
    assert (found["agreements"], found["promotable"], found["state"]) == (0, True, "shadow")

    said(api.post(f"{POLICIES}{number}/promote"))
    after = said(api.get(f"{POLICIES}{number}/comparison"))
    assert (after["payments"], after["promotable"], after["state"]) == (1, False, "live")


def test_a_shadow_behind_the_live_version_is_not_promotable(
    api: Client, container: Container
) -> None:
    """Its promotion would undo what became live meanwhile."""
    check_policy(container)
    number, other = strict(api), strict(api)
    said(api.post(f"{POLICIES}{number}/shadow", headers=ANY))
    said(api.post(f"{POLICIES}{other}/promote"))

    assert said(api.get(f"{POLICIES}{number}/comparison"))["promotable"] is False
