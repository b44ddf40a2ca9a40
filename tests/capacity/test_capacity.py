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


def test_the_table_of_the_documentation_is_the_output_of_the_command() -> None:
    """A figure written by hand would be outdated after the next measurement."""
    printed = _printed(*RATES)

    assert printed in (ROOT / "docs" / "deployment.md").read_text()


def test_each_figure_names_its_benchmark() -> None:
    """Every figure can be measured again."""
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


def test_the_figures_are_those_of_the_documentation() -> None:
    """docs/performance.md is updated first after a measurement."""
    printed = (ROOT / "docs" / "performance.md").read_text()

    for each in MEASURED:
        if "docs/performance.md" in each.by:
            assert f"{each.value:,}" in printed


def test_the_cost_of_a_model_is_that_of_the_documentation() -> None:
    """The test compares the sentence, because 0.9 alone may occur anywhere."""
    printed = " ".join((ROOT / "docs" / "performance.md").read_text().split())

    single = f"{MODEL_SINGLE.value} {MODEL_SINGLE.unit} to a single payment"
    batch = f"about {MODEL_BATCH.value} {MODEL_BATCH.unit} to one of a batch"
    assert f"features and a model add {single} and {batch}" in printed


@pytest.mark.parametrize(
    ("overlay", "rate"), [("production", MAX_SINGLE_RATE), ("high-volume", FLOOD)]
)
def test_the_manifests_have_the_planned_capacity(overlay: str, rate: int) -> None:
    """A plan must fit the limits of the overlay."""
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


def test_twice_the_payments_never_need_less_disk_or_memory() -> None:
    """Pods may decrease where batches begin; disk and memory must not."""
    for rate in (10, 400, 1_200, 4_000):
        less, more = Plan(rate), Plan(2 * rate)

        assert more.disk == 2 * less.disk
        assert more.answers == 2 * less.answers
        assert more.ingest_pods >= less.ingest_pods
        assert more.partitions % more.consumers == 0


@pytest.mark.parametrize("rate", [100, 400, MAX_SINGLE_RATE, MAX_SINGLE_RATE + 1, FLOOD])
def test_a_backlog_of_a_topic_can_shrink(rate: int) -> None:
    """Consumers must be faster than payments arrive."""
    plan = Plan(rate)

    of_a_consumer = BATCH_RATE if plan.in_batches else CONSUMER_RATE
    assert TARGET_UTILISATION * plan.consumers * of_a_consumer.value >= rate
    if not plan.in_batches:
        assert TARGET_UTILISATION * plan.partitions * PARTITION_RATE.value >= rate


def _printed(*rates: int) -> str:
    printed = CliRunner().invoke(
        capacity, [word for rate in rates for word in ("--tps", str(rate))]
    )
    assert printed.exit_code == 0, printed.output
    return printed.output
