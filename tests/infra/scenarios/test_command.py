import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from click.testing import CliRunner, Result

from infra.devstack.servers.restartable_server import ServerFailed
from infra.scenarios.__main__ import scenarios
from infra.scenarios.client import Client
from infra.scenarios.engine import publish_trained, serving
from risksentinel.errors import Rejected, Unavailable
from tests.infra.scenarios.drafts import PAYMENT, draft, step


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an engine for all tests of this file."""
    with serving(tmp_path_factory.mktemp("scenarios") / "home") as running:
        yield running


def played(tmp_path: Path, url: str, *drafts: dict[str, Any]) -> Result:
    """Run the command on a file with these scenarios."""
    file = tmp_path / "file.json"
    file.write_text(json.dumps(drafts))
    return CliRunner().invoke(scenarios, [str(file), "--url", url])


def test_the_command_succeeds_if_every_scenario_passes(tmp_path: Path, url: str) -> None:
    """The exit status is 0, so that CI continues."""
    result = played(tmp_path, url, draft(step(times=3, every="1d", expect={"never": "review"})))

    assert result.exit_code == 0, result.output
    assert "genuine left alone 1 of 1" in result.output


def test_the_command_fails_if_a_scenario_fails(tmp_path: Path, url: str) -> None:
    """The exit status is 1 if an expectation is not met."""
    result = played(
        tmp_path, url, draft(), draft(step(expect={"all": "decline"}), name="b", kind="fraud")
    )

    assert result.exit_code == 1
    assert "FAILED engine: b: step 1, a step: each must be at least decline" in result.output


def test_two_runs_against_one_engine_share_no_account(tmp_path: Path, url: str) -> None:
    """Two runs have different accounts and ids, so the results are independent."""
    results = [played(tmp_path, url, draft()) for _ in range(2)]

    assert [result.exit_code for result in results] == [0, 0]


def test_an_engine_that_does_not_answer_is_reported_in_one_line(tmp_path: Path) -> None:
    """The error is one line without a traceback."""
    result = played(tmp_path, "http://127.0.0.1:9", draft())

    assert result.exit_code == 1
    assert "Error: RiskSentinel at http://127.0.0.1:9 does not answer" in result.output


def test_only_without_a_match_is_an_error(tmp_path: Path) -> None:
    """A wrong name in --only is an error, not a success."""
    (tmp_path / "file.json").write_text(json.dumps([draft()]))

    result = CliRunner().invoke(scenarios, [str(tmp_path), "--only", "nothing"])

    assert result.exit_code == 1
    assert "no scenario has this text in its name" in result.output


def test_a_rejected_payment_is_reported_with_its_reason(url: str) -> None:
    """The error names the rejected field for the author of the scenario."""
    with Client(url) as client, pytest.raises(Rejected, match="422 amount_zar"):
        client.pay({**PAYMENT, "receiver_id": "SHOP", "amount_zar": "-1"})


def test_a_payment_is_cleared_as_an_analyst_does(url: str) -> None:
    """The label has the time of the scenario, and is applied before the next payment."""
    payment = {**PAYMENT, "id": "cleared", "receiver_id": "SHOP", "amount_zar": "1.00"}
    with Client(url) as client:
        client.pay(payment | {"occurred_at": "2025-01-01T08:00:00+02:00"})

        client.clear("cleared", "2025-01-01T09:00:00+02:00")

        metrics = urllib3.request("GET", f"{url}/metrics").data.decode()
        assert re.search(r"^risksentinel_outbox_depth{.*} 0.0$", metrics, re.MULTILINE)
        assert client.model_of(payment | {"id": "another"}) is None


def test_an_engine_that_cannot_start_is_reported_with_its_log(tmp_path: Path) -> None:
    """The error quotes the engine's log, which has the cause."""
    home = tmp_path / "home"
    home.write_text("a file where a folder should be")

    with pytest.raises(ServerFailed, match="exited with"), serving(home):
        pass


def test_an_engine_that_stops_answering_is_reported_with_its_log(tmp_path: Path) -> None:
    """No incomplete table is printed."""
    with pytest.raises(ServerFailed, match="RiskSentinel listens on"), serving(tmp_path / "home"):
        raise Unavailable("RiskSentinel")


def test_a_failed_training_is_reported_with_its_log(tmp_path: Path) -> None:
    """Without a model the command fails; it does not play without one twice."""
    (tmp_path / "train.log").write_text("no history to learn from")
    training = subprocess.Popen(
        [sys.executable, "-c", "raise SystemExit(3)"], stdout=subprocess.PIPE, text=True
    )

    with pytest.raises(ServerFailed, match="no history to learn from"):
        publish_trained(training, tmp_path / "with")
