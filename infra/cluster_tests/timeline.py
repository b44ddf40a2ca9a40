"""Splits the time of a cold start into steps, from the request to its response, without a gap."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from infra.cluster_tests.ingress import IngressResponse
from infra.cluster_tests.pods import Pod

CLUSTER: Final = ("noticed", "scheduled", "started")
OURS: Final = ("interpreter", "server", "function", "first request", "connections")
END: Final = ("model", "answer")
STEPS: Final = (*CLUSTER, *OURS, *END)
MEANING: Final[Mapping[str, str]] = {
    "noticed": "ingress, activator, autoscaler: until the pod exists",
    "scheduled": "until it has a node",
    "started": "sandbox, network, containers: until the interpreter begins",
    "interpreter": "Python, gunicorn, settings",
    "server": "until gunicorn's worker is forked",
    "function": "the function's imports",
    "first request": "until the first probe of the queue-proxy",
    "connections": "PostgreSQL, Redis, wiring",
    "model": "until the model is loaded, if it is not loaded before",
    "answer": "until the response is received",
}


def steps(answer: IngressResponse, pod: Pod, log: str) -> Mapping[str, float]:
    """Return the seconds of each step; their sum is the response time.

    Raises:
        LookupError: the function's log has no line `function.wired`.
    """
    lines = list(_lines(log))
    wired = next((line for line in lines if line.get("event") == "function.wired"), None)
    if wired is None:
        raise LookupError(f"no line function.wired in the log of {pod.name}")
    own = {step: milliseconds / 1000 for step, milliseconds in wired["milliseconds"].items()}
    ready = _at(wired)
    began = ready - timedelta(seconds=sum(own.values()))
    loaded = [_at(line) for line in lines if line.get("event") == "model.in_use"]
    able = min(max([ready, *loaded]), answer.answered)
    moments = {
        "noticed": answer.asked,
        "scheduled": pod.created,
        "started": pod.reached["PodScheduled"],
    }
    ends = [*list(moments.values())[1:], began]
    cluster = {
        step: (end - begin).total_seconds()
        for (step, begin), end in zip(moments.items(), ends, strict=True)
    }
    rest = {
        "model": (able - ready).total_seconds(),
        "answer": (answer.answered - able).total_seconds(),
    }
    return {**cluster, **own, **rest}


def middle(taken: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    """Return the median of each step."""
    return {step: median(each.get(step, 0.0) for each in taken) for step in STEPS}


def _lines(log: str) -> Iterator[Mapping[str, Any]]:
    for line in log.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue  # a line of gunicorn
        if isinstance(found, dict):
            yield found


def _at(line: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(line["timestamp"])
