import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import cast

import pytest

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import results_of
from infra.cluster_tests.checks import killed
from infra.cluster_tests.payments import LoadResult

PROCESSES = {"a": [4_000_001, 4_000_002], "b": [4_000_003]}  # more than Linux ever gives out
ROUNDS = 3


@pytest.fixture(autouse=True)
def _payments(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def load(*_: object, **__: object) -> Iterator[LoadResult]:
        yield LoadResult()

    monkeypatch.setattr(killed, "load", load)


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The killed process ids; none exists on this machine."""
    told: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, _: told.append(pid))
    return told


def bench(deleted: list[str], *pods: str) -> Bench:
    """A bench with these pods of ingest after each kill, without real payments."""

    def await_(wanted: Callable[[], bool], _seconds: float, what: str) -> float:
        if "payments" not in what and not wanted():
            raise TimeoutError(what)
        return 0.0

    made = SimpleNamespace(
        pods=SimpleNamespace(
            of=lambda _: [SimpleNamespace(name=each, uid=each) for each in pods], await_=await_
        ),
        api=SimpleNamespace(delete=lambda path, **_: deleted.append(path.rpartition("/")[2])),
        records=SimpleNamespace(not_scored_once=lambda _: []),
        ingress=SimpleNamespace(pay=None),
    )
    return cast("Bench", made)


def test_every_pod_is_killed_in_each_round_and_counted(
    monkeypatch: pytest.MonkeyPatch, ended: list[int]
) -> None:
    """The master of gunicorn and the pod are killed; an ended process is not counted."""
    monkeypatch.setattr(killed, "of_pod", lambda uid, _: PROCESSES.get(uid, []))
    deleted: list[str] = []

    (outcome,) = results_of(killed.check, bench(deleted, "a", "b", "ended"))

    assert outcome.passed
    assert "6 pods killed" in outcome.measured
    assert ended == [4_000_001, 4_000_003] * ROUNDS
    assert deleted == ["a", "b"] * ROUNDS


def test_the_check_fails_if_no_process_is_found(
    monkeypatch: pytest.MonkeyPatch, ended: list[int]
) -> None:
    """If no process is found, the check fails, because no payment could be lost."""
    monkeypatch.setattr(killed, "of_pod", lambda *_: [])
    deleted: list[str] = []

    (outcome,) = results_of(killed.check, bench(deleted, "a"))

    assert not outcome.passed
    assert "gunicorn to kill" in outcome.measured
    assert not ended
    assert not deleted


def test_a_pod_that_ended_by_itself_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only killed pods are counted."""

    def gone(_pid: int, _signal: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(os, "kill", gone)
    monkeypatch.setattr(killed, "of_pod", lambda uid, _: PROCESSES[uid])

    (outcome,) = results_of(killed.check, bench([], "a"))

    assert not outcome.passed
