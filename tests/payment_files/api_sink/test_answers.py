"""What the sink sends, and what it makes of the answers."""

from contextlib import closing
from typing import Any

import pytest

from risksentinel.errors import Misconfigured, Violation
from risksentinel.payment_files.api_sink import MAX_BODY_BYTES, ApiSink
from risksentinel.payment_files.sinks import ImportOutcome
from tests.payment_files.api_sink.instance import Instance, Reply, payments, score_all


def test_one_payment_goes_alone_and_several_as_a_batch(sink: ApiSink, instance: Instance) -> None:
    """With --batch-size 1 the route for single payments is used."""
    single, batch = sink.send(payments(1)), sink.send(payments(3))

    assert instance.paths == ["/bank/api/v1/transactions/", "/bank/api/v1/transactions/batch"]
    assert [result.risk_level for result in single + batch] == ["high", "low", "low", "low"]
    assert [result.decision for result in single + batch] == ["review", None, None, None]
    assert not single[0].raised_alert
    assert len(instance.callers) == 1


def test_every_fault_of_a_refused_payment_comes_back(sink: ApiSink, instance: Instance) -> None:
    """The path omits the index in the batch, so that equal violations are counted together."""

    def handle(path: str, body: dict[str, Any]) -> Reply:
        _, answer = score_all(path, body)
        errors = [{"path": "transactions[1].channel", "message": "is unknown"}]
        problem = {"detail": "1 fault", "errors": errors}
        answer["results"][1] = {"index": 1, "status": 422, "problem": problem}
        return 207, answer

    instance.handle = handle

    known, refused = sink.send(payments(2))

    assert known.outcome is ImportOutcome.NEW
    assert refused.outcome is ImportOutcome.REFUSED
    assert refused.violations == (Violation("channel", "is unknown"),)


def test_a_refused_batch_is_halved_until_the_wrong_payment_is_found(
    sink: ApiSink, instance: Instance
) -> None:
    """One wrong payment must not cause the refusal of the others."""

    def handle(path: str, body: dict[str, Any]) -> Reply:
        listed = body.get("transactions", [body])
        if any(one["id"] == "5" for one in listed):
            return 400, {"detail": "unreadable"}
        return score_all(path, body)

    instance.handle = handle

    results = sink.send(payments(9))

    assert [result.status for result in results] == [201] * 5 + [400] + [201] * 3


@pytest.mark.parametrize(
    "reply",
    [
        (404, {}),
        (401, {"title": "No"}),
        (200, {}),
        (200, {"results": [1, {"index": 9}]}),
        (301, {}),
    ],
)
def test_another_server_accepts_no_payment(sink: ApiSink, instance: Instance, reply: Reply) -> None:
    """A server at a wrong address may answer 200 to any request."""
    instance.handle = lambda _path, _body: reply

    results = sink.send(payments(1)) + sink.send(payments(2))

    assert all(result.is_fatal for result in results)
    assert all(result.violations for result in results)


def test_a_body_stays_below_the_limit_of_the_api(sink: ApiSink, instance: Instance) -> None:
    """A batch of long payments is split into several requests."""
    results = sink.send(payments(5, merchant_category="x" * 400_000))

    assert [result.status for result in results] == [201] * 5
    assert len(instance.paths) == 3
    assert max(instance.sizes) < MAX_BODY_BYTES + 100


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://host", "http://", "http://[", ""])
def test_an_invalid_url_is_refused(url: str) -> None:
    """The error comes before the file is read."""
    with pytest.raises(Misconfigured, match="--url"):
        ApiSink(url)


@pytest.mark.parametrize(("api_key", "sent"), [(None, None), ("rs_1_2", "Bearer rs_1_2")])
def test_a_key_is_sent_as_a_bearer_token(
    instance: Instance, api_key: str | None, sent: str | None
) -> None:
    """An instance with AUTH=keys refuses payments without it."""
    with closing(ApiSink(instance.url, api_key=api_key)) as sink:
        sink.send(payments(2))

    assert instance.bearers == {sent}
