import json
from datetime import UTC, datetime, timedelta

import pytest

from infra.cluster_tests.ingress import IngressResponse
from infra.cluster_tests.pods import Pod, seen
from infra.cluster_tests.timeline import STEPS, middle, steps

ASKED = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
WIRED = {"interpreter": 100, "server": 50, "function": 300, "first request": 20, "connections": 80}


def at(seconds: float) -> datetime:
    """Return the time this many seconds after the request."""
    return ASKED + timedelta(seconds=seconds)


def line(event: str, seconds: float, **fields: object) -> str:
    """Return a line of a function's log."""
    return json.dumps({"event": event, "timestamp": at(seconds).isoformat(), **fields})


def pod() -> Pod:
    """A pod that was created after 0.2 s and scheduled after 0.25 s."""
    labels = {"serving.knative.dev/service": "ingest", "serving.knative.dev/revision": "ingest-1"}
    metadata = {"name": "p", "uid": "u", "labels": labels}
    first = seen({"metadata": metadata}, {}, at(0.2))
    placed = {"conditions": [{"type": "PodScheduled", "status": "True"}]}
    return seen({"metadata": metadata, "status": placed}, first.reached, at(0.25))


def test_the_steps_sum_to_the_response_time() -> None:
    """The steps have no gap, which would hide a slow part."""
    log = "\n".join(
        [
            "[INFO] gunicorn prints another text",
            line("function.wired", 1.2, milliseconds=WIRED),
            line("model.in_use", 1.4),
        ]
    )

    taken = steps(IngressResponse(201, {}, b"", ASKED, 1.5), pod(), log)

    assert set(taken) == set(STEPS)
    assert sum(taken.values()) == pytest.approx(1.5)
    assert taken["noticed"] == pytest.approx(0.2)
    assert taken["started"] == pytest.approx(0.4)  # 1.2 s less the 0.55 s of the function's own
    assert taken["model"] == pytest.approx(0.2)


@pytest.mark.parametrize("loaded", [0.9, 9.0])
def test_a_model_without_a_waiting_request_takes_no_time(loaded: float) -> None:
    """A model that was loaded before, or after the response, takes no time."""
    log = "\n".join([line("function.wired", 1.2, milliseconds=WIRED), line("model.in_use", loaded)])

    taken = steps(IngressResponse(201, {}, b"", ASKED, 1.5), pod(), log)

    assert taken["model"] + taken["answer"] == pytest.approx(0.3)
    assert (taken["model"] == 0) == (loaded < 1.2)


def test_a_log_without_steps_is_an_error_with_the_pod() -> None:
    """A missing line is an error with the pod's name, not a StopIteration."""
    log = line("model.in_use", 1.4)

    with pytest.raises(LookupError, match=r"function\.wired in the log of p"):
        steps(IngressResponse(201, {}, b"", ASKED, 1.5), pod(), log)


def test_the_time_of_a_condition_is_its_first() -> None:
    """Kubernetes repeats conditions; the first time counts."""
    again = seen(dict(pod().object), pod().reached, at(3))

    assert again.reached["PodScheduled"] == at(0.25)


def test_a_missing_step_has_a_median_of_zero() -> None:
    """A function without a step has 0 s for it, as the dashboard for the model."""
    assert middle([{"noticed": 1.0}, {"noticed": 3.0}])["model"] == 0
    assert middle([{"noticed": 1.0}, {"noticed": 3.0}])["noticed"] == 2
