"""Whether alerts fire on what real processes say of themselves, as promtool reads the rules."""

import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import yaml
from prometheus_client.parser import text_string_to_metric_families

from infra.local.servers.programs import promtool

RULES: Final = Path(__file__).parents[3] / "infra/observability/prometheus/rules.yml"
_SCRAPE_SECONDS: Final = 30
_HELD: Final = 60  # scrapes that each reading stands for: half an hour


def fires_on(scrapes: Sequence[str], alerts: Collection[tuple[str, str]], folder: Path) -> None:
    """Assert that exactly these alerts, name and severity, fire when the last scrape stays.

    Each scrape but the last is one sample; the last one is repeated for half an hour. Alerts are
    looked at after the half hour that their `for` and their ranges may need.
    """
    test = {
        "interval": f"{_SCRAPE_SECONDS}s",
        "input_series": [
            {"series": series, "values": values} for series, values in _series(scrapes).items()
        ],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname, severity) (count_over_time(ALERTS{alertstate="firing"}[1h]))',
                "eval_time": f"{_HELD * _SCRAPE_SECONDS}s",
                "exp_samples": [
                    {"labels": f'{{alertname="{name}", severity="{severity}"}}', "value": 1}
                    for name, severity in alerts
                ],
            }
        ],
    }
    played = folder / "scraped.yml"
    played.write_text(
        yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "30s", "tests": [test]})
    )
    done = subprocess.run(  # noqa: S603 - our own file
        [promtool(), "test", "rules", str(played)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _series(scrapes: Sequence[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for at, text in enumerate(scrapes):
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name.startswith("risksentinel_"):
                    labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
                    row = found.setdefault(f"{sample.name}{{{labels}}}", ["_"] * len(scrapes))
                    row[at] = _in_words(sample.value)
    return {
        series: " ".join(row) + f" {row[-1]}x{_HELD}" if row[-1] != "_" else " ".join(row)
        for series, row in found.items()
    }


def _in_words(value: float) -> str:
    return "_" if value != value else repr(value)  # noqa: PLR0124 - NaN says nothing of a fault
