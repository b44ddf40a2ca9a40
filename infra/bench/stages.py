"""Where the time of a function went, as its own metrics tell."""

from collections.abc import Mapping
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from infra.bench.figures import print_table

_STAGES = "risksentinel_stage_seconds"


def stage_seconds(port: int) -> dict[str, float]:
    """Return the seconds of each stage since the start of the function at this port."""
    with urlopen(f"http://127.0.0.1:{port}/metrics") as page:
        families = text_string_to_metric_families(page.read().decode())
    return {
        sample.labels["stage"]: sample.value
        for family in families
        if family.name == _STAGES
        for sample in family.samples
        if sample.name == f"{_STAGES}_sum"
    }


def print_stages(
    console: Console, stages: Mapping[str, float], payments: int, seconds: float
) -> None:
    """Print each stage's time a payment, and its share of the whole."""
    rows = [
        {
            "stage": stage,
            "in its threads": f"{1e6 * total / payments:,.0f} µs a payment",
            "of the run": f"{100 * total / seconds:.0f} %",
        }
        for stage, total in sorted(stages.items(), key=lambda item: -item[1])
    ]
    print_table(console, "The stages of the function, all its threads together", rows)
