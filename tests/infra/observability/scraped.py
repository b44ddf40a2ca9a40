"""Checks with promtool which alerts fire on the metrics of real processes."""

import subprocess
from collections.abc import Collection, Sequence
from math import isnan
from pathlib import Path
from typing import Final

import yaml
from prometheus_client.parser import text_string_to_metric_families

from infra.devstack.servers.programs import promtool

RULES: Final = Path(__file__).parents[3] / "infra/observability/prometheus/rules.yml"
_SCRAPE_SECONDS: Final = 30
_HELD: Final = 180  # scrapes in an hour and a half: drift must last for an hour


def figures(text: str, name: str, **labels: str) -> list[float]:
    """The values of a metric in a scrape, of all series with these labels."""
    return [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and sample.labels.items() >= labels.items()
    ]


def fires_on(
    scrapes: Sequence[str],
    alerts: Collection[tuple[str, str]],
    folder: Path,
    *,
    goes_on: bool = False,
    rising: Collection[str] = (),
    but: str = "none",
) -> None:
    """Assert that exactly these alerts, by name and severity, fire in the following 90 minutes.

    Each scrape is one sample, 30 s apart. After the last one all values stay; with `goes_on` each
    counter rises as between the last two scrapes, and so do the gauges of `rising`. `but` is a
    pattern of alerts that are excluded from the comparison.
    """
    fired = f'count_over_time(ALERTS{{alertstate="firing", alertname!~"{but}"}}[2h])'
    test = {
        "interval": f"{_SCRAPE_SECONDS}s",
        "input_series": [
            {"series": series, "values": values}
            for series, values in _series(scrapes, rising, goes_on=goes_on).items()
        ],
        "promql_expr_test": [
            {
                "expr": f"group by (alertname, severity) ({fired})",
                "eval_time": f"{_HELD * _SCRAPE_SECONDS}s",
                "exp_samples": [
                    {"labels": f'{{alertname="{name}", severity="{severity}"}}', "value": 1}
                    for name, severity in alerts
                ],
            }
        ],
    }
    played = folder / "scraped.yml"
    whole = {"rule_files": [str(RULES)], "evaluation_interval": "30s", "tests": [test]}
    played.write_text(yaml.safe_dump(whole))
    command = [promtool(), "test", "rules", str(played)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own file
    assert done.returncode == 0, done.stdout + done.stderr


def _series(scrapes: Sequence[str], rising: Collection[str], *, goes_on: bool) -> dict[str, str]:
    found: dict[str, list[float | None]] = {}
    rise: set[str] = set()
    for at, text in enumerate(scrapes):
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name.startswith("risksentinel_") and not isnan(sample.value):
                    labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
                    series = f"{sample.name}{{{labels}}}"
                    found.setdefault(series, [None] * len(scrapes))[at] = sample.value
                    counted = goes_on and family.type in {"counter", "histogram"}
                    if counted or sample.name in rising:
                        rise.add(series)
    return {series: _values(row, goes_on=series in rise) for series, row in found.items()}


def _values(row: Sequence[float | None], *, goes_on: bool) -> str:
    said = " ".join("_" if value is None else repr(value) for value in row)
    last = row[-1]
    if last is None:
        return said
    step = last - (row[-2] or 0.0) if goes_on else 0.0
    return f"{said} {last + step!r}+{step!r}x{_HELD}"
