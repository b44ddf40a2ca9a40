"""A backtest decides with the version of the model that a policy names, as the engine does."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.test import Client

from risksentinel.adapters.models.registries import open_registry
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.container import Container
from risksentinel.cli.backtest import backtest
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings
from risksentinel.text import rfc3339
from tests.adapters.models.forests import publish
from tests.functions.caller import POLICIES, TRANSACTIONS, caller, said
from tests.logs import as_before
from tests.usecases.replay_bench import forest

ANY = {"If-Match": "*"}
WITHIN = 30.0  # seconds
PAYMENTS = 12


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with a model of all features, which is not promoted."""
    migrate(Settings(risksentinel_home=tmp_path).database)
    publish(open_registry(str(tmp_path)), forest())
    monkeypatch.setenv("RISKSENTINEL_HOME", str(tmp_path))
    with as_before():
        yield tmp_path


def live_with_the_model(api: Client) -> int:
    """Put a policy that names the model in force; its number."""
    said(api.get(TRANSACTIONS))  # the first start makes version 1
    found = said(api.post(POLICIES, json={}), 201)
    number = int(found["number"])
    contents = {**found["contents"], "model": forest().manifest.version}
    said(api.put(f"{POLICIES}{number}", json={"contents": contents}, headers=ANY))
    said(api.post(f"{POLICIES}{number}/promote"))
    return number


def report(home: Path, *arguments: str) -> dict[str, Any]:
    """The report of a backtest."""
    done = CliRunner().invoke(backtest, [*arguments, "--out", str(home / "out")])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads((home / "out" / "report.json").read_bytes())
    return found


def test_a_backtest_with_a_named_version_equals_the_decisions_with_it(home: Path) -> None:
    """Decision, score, alert and reasons of each payment are those of the receipts."""
    container = Container(Settings(risksentinel_home=home))
    api = caller(container)
    number = live_with_the_model(api)
    began, receipts = monotonic(), list[dict[str, Any]]()
    sleep(1.1)  # the rule book is read again
    for place in range(PAYMENTS):
        payment = {
            "id": f"p-{place}",
            "sender_id": f"acc-{place % 3}",
            "receiver_id": f"shop-{place % 2}",
            "amount_zar": f"{100 + 4_000 * (place % 5)}.00",
            "channel": "mobile_banking",
            "occurred_at": rfc3339.to_text(now() - timedelta(seconds=PAYMENTS - place)),
        }
        said(api.post(TRANSACTIONS, json=payment), 201)
        receipts.append(said(api.get(f"{TRANSACTIONS}p-{place}/score")))
    container.close()
    assert monotonic() < began + WITHIN
    assert {each["policy_version"] for each in receipts} == {number}
    assert {each["model"]["version"] for each in receipts} == {forest().manifest.version}

    found = report(home, "--policy", "live")
    without = report(home, "--policy", "1", "--against", str(number))

    assert found["payments"] == PAYMENTS
    assert {name: each["payments"] for name, each in found["changes"].items()} == dict.fromkeys(
        found["changes"], 0
    )
    assert found["policies"]["candidate"]["contents"]["model"] == forest().pointer.choice
    assert without["model"] is None
