"""History is sent to be learnt, and never to be scored."""

from contextlib import closing
from typing import Any

from risksentinel.payment_files.api_sink import ApiSink
from risksentinel.payment_files.sinks import ImportOutcome
from tests.payment_files.api_sink.instance import Instance, Reply, score_all


def refuse_learn_only(_path: str, body: dict[str, Any]) -> Reply:
    """The answer of an older release to `learn_only`."""
    if "learn_only" in body:
        violation = {"path": "learn_only", "message": "is not known"}
        return 422, {"type": "about:blank", "status": 422, "errors": [violation]}
    raise AssertionError("the payment was sent to be scored")


def test_history_is_sent_as_learn_only_batches(instance: Instance) -> None:
    """The route for single payments has no `learn_only` and would raise alerts."""
    bodies = list[dict[str, Any]]()

    def handle(path: str, body: dict[str, Any]) -> Reply:
        bodies.append(body)
        return score_all(path, body)

    instance.handle = handle
    with closing(ApiSink(instance.url, learn_only=True)) as sink:
        results = sink.send([{"id": "T1"}])

    assert [result.outcome for result in results] == [ImportOutcome.NEW]
    assert [body["learn_only"] for body in bodies] == [True]


def test_an_older_instance_does_not_score_history(instance: Instance) -> None:
    """An older release would raise an alert for each old fraud."""
    instance.handle = refuse_learn_only
    with closing(ApiSink(instance.url, learn_only=True)) as sink:
        results = sink.send([{"id": "T1"}, {"id": "T2"}])

    assert [result.outcome for result in results] == [ImportOutcome.REFUSED] * 2
    assert str(results[0].violations[0]) == "learn_only: is not known"
