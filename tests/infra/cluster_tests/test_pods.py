from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Event
from typing import Any, cast

import pytest

from infra.cluster_tests import pods as of_pods
from infra.cluster_tests.api import Api, Object
from infra.cluster_tests.pods import FUNCTION, REVISION, Pods
from infra.cluster_tests.tools import ClusterFailed

BEGAN = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
TIMEOUT = 30.0  # seconds; on a busy machine a thread can wait long for the processor
Happens = tuple[str, Object] | Exception


def pod(name: str, *true: str) -> Any:  # noqa: ANN401 - an object of Kubernetes
    """A pod of ingest with these conditions."""
    return {
        "metadata": {
            "name": name,
            "uid": f"uid of {name}",
            "labels": {FUNCTION: "ingest", REVISION: "ingest-1"},
        },
        "status": {"conditions": [{"type": each, "status": "True"} for each in true]},
    }


JOB_S = {"metadata": {"name": "migrate", "uid": "j"}}  # has no labels of Knative


class Told:
    """An API server with scripted lists and changes, round by round; then it blocks."""

    def __init__(self, *rounds: tuple[Sequence[Object] | Exception, Sequence[Happens]]) -> None:
        self.since: list[str] = []
        self._rounds = iter(rounds)
        self._listed = 0
        self._happens: Sequence[Happens] = ()

    def get(self, _path: str) -> Any:  # noqa: ANN401 - an object of Kubernetes
        """Return the next list."""
        following = next(self._rounds, None)
        while following is None:
            Event().wait()  # the thread ends with the process
        items, self._happens = following
        if isinstance(items, Exception):
            raise items
        self._listed += 1
        return {"items": items, "metadata": {"resourceVersion": str(self._listed * 100)}}

    def changes(self, _path: str, since: str) -> Iterator[tuple[str, Object]]:
        """Yield the next changes."""
        self.since.append(since)
        for each in self._happens:
            if isinstance(each, Exception):
                raise each
            yield each


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the pauses instead of sleeping."""
    made: list[float] = []
    monkeypatch.setattr(of_pods, "sleep", made.append)
    return made


def follow(server: Told) -> Pods:
    """Return the pods after the scripted lists and changes."""
    return Pods(cast("Api", server), "any")


def names(pods: Pods) -> list[str]:
    """Return the names of the current pods."""
    return sorted(each.name for each in pods.of("ingest"))


def test_listed_pods_and_later_changes_are_known() -> None:
    """A watch starts where the list ends, so no change is repeated or missed."""
    happens = [("ADDED", pod("b")), ("ADDED", JOB_S), ("DELETED", pod("a"))]
    server = Told(([pod("a"), JOB_S], happens))
    pods = follow(server)

    pods.await_(lambda: names(pods) == ["b"], TIMEOUT, "b alone")

    assert server.since == ["100"]
    assert [each.name for each in pods.all_seen("ingest")] == ["a", "b"]


def test_a_pod_deleted_between_two_watches_is_removed() -> None:
    """No watch reports such a pod: it is missing in the next list, or waits would never end."""
    server = Told(([pod("a"), pod("b")], [ClusterFailed("broken")]), ([pod("b")], []))
    pods = follow(server)

    pods.await_(lambda: names(pods) == ["b"], TIMEOUT, "b alone")

    assert "a" in {each.name for each in pods.all_seen("ingest")}


def test_a_new_list_keeps_the_first_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """The duration of a start is measured from the times when conditions were first seen."""
    seconds = count()
    monkeypatch.setattr(of_pods, "now", lambda: BEGAN + timedelta(seconds=next(seconds)))
    pods = follow(Told(([pod("a")], []), ([pod("a", "Ready")], [])))

    pods.await_(lambda: any("Ready" in each.reached for each in pods.of("ingest")), TIMEOUT, "it")

    (found,) = pods.of("ingest")
    assert found.created == BEGAN
    assert found.reached["Ready"] > BEGAN


@pytest.mark.parametrize("broken", [ClusterFailed("401"), ValueError("closed file")])
def test_a_failed_list_is_retried_after_a_pause(broken: Exception, pauses: list[float]) -> None:
    """An outage must not end the watch, and retries must not overload the API server."""
    pods = follow(Told((broken, []), ([], [broken]), ([], []), ([pod("a")], [])))

    pods.await_(lambda: names(pods) == ["a"], TIMEOUT, "a")

    assert len(pauses) >= 3
    assert all(each > 0 for each in pauses)
