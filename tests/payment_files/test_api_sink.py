import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from typing_extensions import override

from risksentinel.errors import Misconfigured, Unavailable, Violation
from risksentinel.payment_files.api_sink import MAX_BODY_BYTES, ApiSink
from risksentinel.payment_files.sinks import ImportOutcome

Reply = tuple[int, dict[str, Any]]
Handle = Callable[[str, dict[str, Any]], Reply]


@dataclass
class Instance:
    """A fake instance; `handle` answers a path and a body."""

    url: str
    handle: Handle
    paths: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    callers: set[tuple[str, int]] = field(default_factory=set)


def score_all(path: str, body: dict[str, Any]) -> Reply:
    """The answer of the API to valid payments."""
    if not path.endswith("/batch"):
        verdict = {"risk_level": "high", "decision": "review", "alert_id": None}
        return 201, {"id": body["id"]} | verdict
    results = [
        {"index": index, "status": 201, "transaction": {"id": one["id"], "risk_level": "low"}}
        for index, one in enumerate(body["transactions"])
    ]
    return 200, {"results": results}


def refuse_learn_only(_path: str, body: dict[str, Any]) -> Reply:
    """The answer of an older release to `learn_only`."""
    if "learn_only" in body:
        violation = {"path": "learn_only", "message": "is not known"}
        return 422, {"type": "about:blank", "status": 422, "errors": [violation]}
    raise AssertionError("the payment was sent to be scored")


@pytest.fixture
def instance() -> Iterator[Instance]:
    """An HTTP server on a free port."""
    found = Instance("", score_all)

    class Handler(BaseHTTPRequestHandler):
        """Reads a body and answers JSON."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer the liveness probe."""
            self.answer(200, {})

        def do_POST(self) -> None:
            """Answer payments."""
            body = self.rfile.read(int(self.headers["content-length"]))
            found.paths.append(self.path)
            found.sizes.append(len(body))
            found.callers.add(self.client_address)
            self.answer(*found.handle(self.path, json.loads(body)))

        def answer(self, status: int, content: dict[str, Any]) -> None:
            """Send JSON."""
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        found.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def pauses() -> list[float]:
    """The pauses between retries."""
    return []


@pytest.fixture
def sink(instance: Instance, pauses: list[float]) -> Iterator[ApiSink]:
    """A sink that records its pauses instead of waiting."""
    with closing(ApiSink(instance.url + "/bank/", sleep=pauses.append)) as made:
        yield made


def payments(count: int, **other: str) -> list[dict[str, str]]:
    """Documents with ids from 0."""
    return [{"id": str(number)} | other for number in range(count)]


def test_one_payment_goes_alone_and_several_as_a_batch(sink: ApiSink, instance: Instance) -> None:
    """With --batch-size 1 the route for single payments is used."""
    single, batch = sink.send(payments(1)), sink.send(payments(3))

    assert instance.paths == ["/bank/api/v1/transactions/", "/bank/api/v1/transactions/batch"]
    assert [result.risk_level for result in single + batch] == ["high", "low", "low", "low"]
    assert [result.decision for result in single + batch] == ["review", None, None, None]
    assert not single[0].raised_alert
    assert len(instance.callers) == 1


def test_temporary_failures_are_retried(
    sink: ApiSink, instance: Instance, pauses: list[float]
) -> None:
    """A cold start or a restart must not lose payments."""
    busy: Iterator[Reply] = iter([(503, {}), (429, {})])
    instance.handle = lambda path, body: next(busy, None) or score_all(path, body)

    results = sink.send(payments(2))

    assert [result.outcome for result in results] == [ImportOutcome.NEW] * 2
    assert pauses == [0.2, 0.4]


def test_only_failed_payments_are_retried(sink: ApiSink, instance: Instance) -> None:
    """Accepted payments of the batch already have an answer."""
    bodies: list[list[str]] = []

    def handle(path: str, body: dict[str, Any]) -> Reply:
        listed = body.get("transactions", [body])
        bodies.append([one["id"] for one in listed])
        status, answer = score_all(path, body)
        if len(bodies) == 1:
            answer["results"][1] = {"index": 1, "status": 503, "problem": {"detail": "busy"}}
            return 207, answer
        return status, answer

    instance.handle = handle

    results = sink.send(payments(3))

    assert [result.status for result in results] == [201, 201, 201]
    assert bodies == [["0", "1", "2"], ["1"]]


def test_retries_end_after_five_attempts(pauses: list[float]) -> None:
    """Then the payments count as not delivered."""
    with closing(ApiSink("http://127.0.0.1:9", sleep=pauses.append)) as sink:
        results = sink.send(payments(2))

        with pytest.raises(Unavailable):
            sink.reach()

    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2]
    assert [result.outcome for result in results] == [ImportOutcome.UNDELIVERED] * 2
    assert "http://127.0.0.1:9 does not answer" in results[0].violations[0].message


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


def test_a_temporary_conflict_is_retried(sink: ApiSink, instance: Instance) -> None:
    """Another client may be sending the same payment at this moment."""
    first: Iterator[Reply] = iter([(409, {"type": "urn:risksentinel:problem:in-progress"})])
    instance.handle = lambda path, body: next(first, None) or score_all(path, body)

    (result,) = sink.send(payments(1))

    assert result.outcome is ImportOutcome.NEW


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
