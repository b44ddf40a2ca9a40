"""python -m ml.evaluate: measure the fraud that the engine finds in a file of labelled payments."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from ml.backfill import Backfill, backfill
from ml.candidates import Candidate, CandidateComparison
from ml.command_line import progress, refusals
from ml.dataset import Dataset
from ml.file_columns import mapped_columns
from ml.payments_file import read_parquet
from ml.plots import curves
from ml.protocol import Flags, Protocol
from ml.report_rows import EvaluationPeriod, alert_rows, ground_rows
from ml.tables import show
from ml.verdicts import Floats, Verdicts
from ml.weights import Trial, Weights
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.policy import Policy

A_DAY = timedelta(days=1)
SUPERVISED = "boosted_trees"
TABLES: Final = ("rows", "alerts", "grounds")  # of the report


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores, the engine's verdicts and the learnt weights, by the name of the candidate."""

    scores: Mapping[str, Floats]
    verdicts: Mapping[str, Verdicts]
    weights: Mapping[str, Weights | None]


def evaluate(
    period: EvaluationPeriod, options: Options, policy: Policy, console: Console
) -> Evaluation:
    """Score the test period with every candidate."""
    data, protocol = period.data, period.protocol
    late, soon = protocol.learnt(data, protocol.delay), protocol.learnt(data, A_DAY)
    trial = Trial.of(data.with_delay(protocol.delay), late)
    trial_soon = Trial.of(data.with_delay(A_DAY), soon)
    flags = (period.flags, trial.later | trial_soon.later)
    first = _backfill(data, replace(options, label_delay=protocol.delay), policy, console, *flags)
    comparison = CandidateComparison(data, period.flags, policy, period.seed, first)
    known, seen = first.matrix, protocol.seen(data)
    forest = Candidate.trained("isolation_forest", known, comparison, seen, trial)
    later = Candidate.trained(SUPERVISED, known, comparison, late, trial)
    # Labels that come earlier change the features, not the decisions already made.
    decided = replace(data, decisions=first.decisions)
    second = _backfill(decided, replace(options, label_delay=A_DAY), policy, console)
    sooner = Candidate.trained(SUPERVISED, second.matrix, comparison, soon, trial_soon)
    supervised = {
        f"supervised, labels after {protocol.delay.days} days": later,
        "supervised, labels after 1 day": sooner,
    }
    alone = {"isolation_forest": forest} | supervised
    together = {"fused": forest} | {f"fused with {name}": one for name, one in supervised.items()}
    verdicts = _verdicts(comparison, together)
    return Evaluation(
        scores={name: one.scores for name, one in alone.items()} | _ranked(verdicts),
        verdicts=verdicts,
        weights={name: one.weights for name, one in together.items()},
    )


def _verdicts(
    comparison: CandidateComparison, together: Mapping[str, Candidate]
) -> dict[str, Verdicts]:
    found = {"rules+velocity+anomaly": comparison.verdicts(None)}
    found |= {name: comparison.verdicts(one.ranks) for name, one in together.items()}
    return found | {
        f"{name}, weights learnt": comparison.verdicts(one.ranks, one.weights)
        for name, one in together.items()
        if one.weights is not None
    }


def _ranked(verdicts: Mapping[str, Verdicts]) -> dict[str, Floats]:
    """The scores with and without escalations."""
    found: dict[str, Floats] = {}
    for name, each in verdicts.items():
        found |= {name: each.scores, f"{name}, without escalations": each.composites}
    return found


def _backfill(
    data: Dataset,
    options: Options,
    policy: Policy,
    console: Console,
    *flags: Flags,
) -> Backfill:
    days = options.label_delay.days
    with progress(console, f"history, labels after {days} days", len(data)) as advance:
        return backfill(data.with_delay(options.label_delay), options, policy, advance, *flags)


@click.command()
@click.option("--data", "path", type=click.Path(exists=True, path_type=Path), required=True)
@click.option(
    "--map", "maps", multiple=True, help="TARGET=COLUMN, for a name that is not recognised."
)
@click.option("--first", type=click.DateTime(["%Y-%m-%d"]), help="First day of the test period.")
@click.option("--days", type=click.IntRange(1), help="Length of the test period in days.")
@click.option(
    "--weekly/--plain",
    "weekly",
    default=None,
    help="The handbook's protocol, or a plain period; by default by the length of the file.",
)
@click.option(
    "--label-days", type=click.IntRange(1), default=7, help="Days until labels are known."
)
@click.option("--utc-offset", type=float, default=0.0, help="Hours; the file's own time zone.")
@click.option(
    "--amount-times",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    help="A factor on all amounts: the results of a model must not depend on the unit of money.",
)
@click.option("--ml-weight", type=click.FloatRange(0, 1), help="Of the fused score.")
@click.option("--seed", type=int, default=1)
@click.option("--out", type=click.Path(path_type=Path), default=Path(".risksentinel/evaluation"))
def main(  # noqa: PLR0913 - one parameter an option
    path: Path,
    maps: tuple[str, ...],
    first: datetime | None,
    days: int | None,
    *,
    weekly: bool | None,
    label_days: int,
    utc_offset: float,
    amount_times: float,
    ml_weight: float | None,
    seed: int,
    out: Path,
) -> None:
    """Measure the engine on a test period, with the data known before each payment.

    Without options the test period is the last week of a file of less than 13 weeks, by the
    protocol of the Fraud Detection Handbook, and the last 30 days of a longer file.
    """
    console, delay = Console(), timedelta(days=label_days)
    with refusals():
        data = read_parquet(path, mapped_columns(maps), timedelta(0)).with_amounts_times(
            amount_times
        )
        day = None if first is None else first.date()
        protocol = Protocol.of(data, delay, day, days, weekly=weekly)
        period = EvaluationPeriod(data, protocol, protocol.tested(data), seed)
        frauds = int(period.labels.sum())
        console.print(f"{len(period.labels):,} payments with {frauds:,} frauds in the test period")
        policy = Policy() if ml_weight is None else replace(Policy(), ml_weight=ml_weight)
        options = Options(utc_offset=timedelta(hours=utc_offset))
        found = evaluate(period, options, policy, console)
    report = _report(period, found, policy)
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").write_text(json.dumps(report, indent=2))
    curves(out, found.scores, period.labels)
    for title in TABLES:
        show(console, title, report[title])
    for name, weights in found.weights.items():
        learnt = "too few frauds were known" if weights is None else _in_words(weights)
        console.print(f"weights learnt, {name}: {learnt}")


def _report(period: EvaluationPeriod, found: Evaluation, policy: Policy) -> dict[str, Any]:
    """The rows of each table, the seed and the weights."""
    fraud, threshold = period.labels, float(policy.alert_threshold)
    return {
        "rows": [period.row(name, scores) for name, scores in found.scores.items()],
        "alerts": [
            row
            for name, each in found.verdicts.items()
            for row in alert_rows(name, each, fraud, threshold)
        ],
        "grounds": ground_rows(found.verdicts["fused"].grounds, fraud),
        "seed": period.seed,
        "weights": found.weights,
    }


def _in_words(weights: Weights) -> str:
    return ", ".join(f"{name} {weight:.3f}" for name, weight in weights.items())


if __name__ == "__main__":
    main()
