"""Where the time of a function went, as its own metrics tell."""

from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from infra.bench.figures import print_table

_STAGES = "risksentinel_stage_seconds"


def print_stages(console: Console, port: int, payments: int, seconds: float) -> None:
    """Print each stage's time a payment, and its share of the whole."""
    with urlopen(f"http://127.0.0.1:{port}/metrics") as page:
        families = text_string_to_metric_families(page.read().decode())
    sums = {
        sample.labels["stage"]: sample.value
        for family in families
        if family.name == _STAGES
        for sample in family.samples
        if sample.name == f"{_STAGES}_sum"
    }
    rows = [
        {
            "stage": stage,
            "in its threads": f"{1e6 * total / payments:,.0f} µs a payment",
            "of the run": f"{100 * total / seconds:.0f} %",
        }
        for stage, total in sorted(sums.items(), key=lambda item: -item[1])
    ]
    print_table(console, "The stages of the function, all its threads together", rows)
