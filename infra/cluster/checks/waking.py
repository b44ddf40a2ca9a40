"""The first request to a function at zero pods, and where its time goes."""

from collections.abc import Iterator, Mapping
from statistics import median
from time import sleep
from typing import Final

from rich.table import Table

from infra.bench.cold_start import WAKINGS, Waking
from infra.cluster.bench import Bench
from infra.cluster.deployment import NAMES
from infra.cluster.ingress import Answer
from infra.cluster.outcomes import Outcome
from infra.cluster.payments import payment
from infra.cluster.timeline import MEANING, STEPS, middle, steps
from risksentinel.adapters.system_clock import new_id
from risksentinel.events import transaction_received

ROUNDS: Final = 10
MAY_TAKE: Final = 2.0  # seconds, the median; a trivial Flask function takes 0.8 to 1.8 there
_LOGGED_AFTER: Final = 0.5
_FIRST: Final = "ingest"  # the one that somebody waits for


def check(bench: Bench) -> Iterator[Outcome]:
    """Each in turn while the others sleep or idle; in each round all have gone to zero before."""
    taken: dict[str, list[float]] = {waking.function: [] for waking in WAKINGS}
    parts: dict[str, list[Mapping[str, float]]] = {waking.function: [] for waking in WAKINGS}
    failed = []
    for number in range(ROUNDS):
        bench.pods.await_none(*NAMES)
        for waking in WAKINGS:
            answer = _woken(bench, waking, number)
            if not answer.ok:
                failed.append(f"{waking.function}: {answer.status} {answer.body[:100]!r}")
                continue
            sleep(_LOGGED_AFTER)
            pod = bench.pods.of(_name(waking))[-1]
            taken[waking.function].append(answer.seconds)
            parts[waking.function].append(steps(answer, pod, bench.pods.log(pod)))
    bench.console.print(_table(parts, taken))
    for function, seconds in taken.items():
        limit = MAY_TAKE if function == _FIRST else None
        yield Outcome(
            f"{function.replace('_', '-')} wakes and answers, {ROUNDS} times"
            + (f", median <= {limit:g} s" if limit else ""),
            kept=len(seconds) == ROUNDS and (limit is None or median(seconds) <= limit),
            measured=_told(seconds) + "".join(f"; {each}" for each in failed if function in each),
        )


def _woken(bench: Bench, waking: Waking, number: int) -> Answer:
    headers = {
        "ce-specversion": "1.0",
        "ce-id": str(new_id()),
        "ce-source": "/cluster-test",
        "ce-type": transaction_received.TYPE,
    }
    posts = waking.method == "POST"
    is_event = waking.path == "/"
    return bench.ingress.call(
        _name(waking),
        waking.method,
        waking.path,
        payment("waking", number) if posts else None,
        headers if is_event else None,
    )


def _name(waking: Waking) -> str:
    return waking.function.replace("_", "-")


def _told(seconds: list[float]) -> str:
    if not seconds:
        return "no answer"
    least, most = min(seconds), max(seconds)
    return f"median {median(seconds):.2f} s, min {least:.2f} s, max {most:.2f} s"


def _table(
    parts: Mapping[str, list[Mapping[str, float]]], taken: Mapping[str, list[float]]
) -> Table:
    """A wake-up step by step; the medians of steps do not add up to the median of all."""
    functions = [function for function, found in parts.items() if found]
    shown = Table("step, median ms", *functions, "what it is", title="a wake-up from zero")
    found = {function: middle(parts[function]) for function in functions}
    for step in STEPS:
        figures = (f"{found[function][step] * 1000:.0f}" for function in functions)
        shown.add_row(step, *figures, MEANING[step])
    shown.add_row("in all", *(f"{median(taken[function]) * 1000:.0f}" for function in functions))
    return shown
