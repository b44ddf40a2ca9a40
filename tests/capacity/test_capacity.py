import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from risksentinel.capacity.measured import (
    BATCH_RATE,
    CONSUMER_RATE,
    MEASURED,
    MODEL_BATCH,
    MODEL_SINGLE,
    PARTITION_RATE,
)
from risksentinel.capacity.plan import MAX_SINGLE_RATE, OTHER_PODS, TARGET_UTILISATION, Plan
from risksentinel.cli.capacity import capacity
from tests.knative.kustomized import objects, of_kind, services, settings
from tests.knative.test_flow import knative_sources
from tests.knative.test_numbers import MAX_CONNECTIONS, scale

ROOT = Path(__file__).parents[2]
RATES = (10, 100, 1_000, 5_000, 10_000)
FLOOD = 10_000


def test_the_table_of_the_documentation_is_what_the_command_prints() -> None:
    """A figure that was written by hand is wrong after the next measurement."""
    printed = _printed(*RATES)

    assert printed in (ROOT / "docs" / "deployment.md").read_text()


def test_each_figure_names_the_benchmark_that_it_came_from() -> None:
    """Whoever doubts it can measure again."""
    for each in MEASURED:
        assert each.value > 0
        (named,) = re.findall(r"`python -m ([\w.]+)`|`make (\w+)`|(knative/\S+\.yaml)", each.by)
        module, target, file = named
        if module:
            assert (ROOT / f"{module.replace('.', '/')}.py").is_file()
        elif target:
            assert f"\n{target}:" in (ROOT / "Makefile").read_text()
        else:
            assert (ROOT / file).is_file()


def test_figures_that_the_documentation_tells_are_those_that_are_reckoned_with() -> None:
    """docs/performance.md is where a new measurement goes first."""
    told = (ROOT / "docs" / "performance.md").read_text()

    for each in MEASURED:
        if "docs/performance.md" in each.by:
            assert f"{each.value:,}" in told


def test_what_a_model_costs_is_what_the_documentation_says_of_it() -> None:
    """A bare 0.9 stands anywhere; the sentence says what it is of."""
    told = " ".join((ROOT / "docs" / "performance.md").read_text().split())

    single = f"{MODEL_SINGLE.value} {MODEL_SINGLE.unit} to a single payment"
    batch = f"about {MODEL_BATCH.value} {MODEL_BATCH.unit} to one of a batch"
    assert f"features and a model add {single} and {batch}" in told


@pytest.mark.parametrize(
    ("overlay", "rate"), [("production", MAX_SINGLE_RATE), ("high-volume", FLOOD)]
)
def test_the_manifests_have_room_for_what_is_planned(overlay: str, rate: int) -> None:
    """A plan that no overlay carries out is a wish."""
    plan, functions = Plan(rate), services(overlay)
    topics = of_kind("KafkaTopic", objects(overlay))
    scaled = of_kind("ScaledObject", objects(overlay)).values()
    consumers = [source["spec"]["consumers"] for source in knative_sources(overlay).values()]
    consumers = [each["spec"]["maxReplicaCount"] for each in scaled] or consumers

    assert scale(functions["ingest"], "max") >= plan.ingest_pods
    assert scale(functions["score"], "max") >= plan.score_pods
    assert min(consumers) >= plan.consumers
    assert topics["transactions.received"]["spec"]["partitions"] >= plan.partitions
    assert int(settings(overlay)["metadata"]["annotations"][MAX_CONNECTIONS]) >= plan.connections
    others = {"alert-dispatch", "rules-crud", "dashboard"}
    assert sum(scale(functions[name], "max") for name in others) == OTHER_PODS


def test_twice_the_payments_never_need_less() -> None:
    """Where the way of taking them changes, pods may be fewer; disk and memory never are."""
    for rate in (10, 400, 1_200, 4_000):
        less, more = Plan(rate), Plan(2 * rate)

        assert more.disk == 2 * less.disk
        assert more.answers == 2 * less.answers
        assert more.ingest_pods >= less.ingest_pods
        assert more.partitions % more.consumers == 0


@pytest.mark.parametrize("rate", [100, 400, MAX_SINGLE_RATE, MAX_SINGLE_RATE + 1, FLOOD])
def test_what_waits_in_a_topic_can_shrink(rate: int) -> None:
    """A source that is just as fast as the payments never catches up after a pause."""
    plan = Plan(rate)

    of_a_consumer = BATCH_RATE if plan.in_batches else CONSUMER_RATE
    assert TARGET_UTILISATION * plan.consumers * of_a_consumer.value >= rate
    if not plan.in_batches:
        assert TARGET_UTILISATION * plan.partitions * PARTITION_RATE.value >= rate


def _printed(*rates: int) -> str:
    told = CliRunner().invoke(capacity, [word for rate in rates for word in ("--tps", str(rate))])
    assert told.exit_code == 0, told.output
    return told.output
