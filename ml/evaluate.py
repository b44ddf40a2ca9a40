"""python -m ml.evaluate: how much fraud the engine finds in a file of labelled payments."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from ml.column_names import pairs
from ml.command_line import progress, refusals
from ml.contenders import Contender, Contest
from ml.dataset import Dataset, Integers
from ml.judge import Floats
from ml.metrics import auc_and_ap, card_precision, recall_at
from ml.payments_file import read_parquet
from ml.plots import curves
from ml.protocol import Flags, Protocol
from ml.replay import feature_matrix
from ml.weights import Trial, Weights
from risksentinel.domain.party_state import SECONDS_A_DAY
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.features.matrix import Matrix
from risksentinel.scoring.policy import Policy

A_DAY = timedelta(days=1)
SUPERVISED = "boosted_trees"


@dataclass(frozen=True, slots=True)
class Judged:
    """The payments of the test period, and what was known around each."""

    data: Dataset
    protocol: Protocol
    flags: Flags
    seed: int

    @property
    def labels(self) -> Any:  # noqa: ANN401 - an array
        """Which of them were fraud."""
        return self.data.fraud[self.flags]

    @property
    def days(self) -> Integers:
        """The day of each."""
        return self.data.at[self.flags] // SECONDS_A_DAY

    def row(self, name: str, scores: Floats) -> dict[str, Any]:
        """One line of the report."""
        measured = auc_and_ap(self.labels, scores)
        if self.protocol.weekly:
            chosen = np.flatnonzero(self.flags).tolist()
            senders = [self.data.payments[place].sender_id for place in chosen]
            measured["cp_at_100"] = card_precision(self.days, senders, self.labels, scores)
        measured["recall_at_1pct_fpr"] = recall_at(self.labels, scores)
        return {"name": name, **{key: round(value, 4) for key, value in measured.items()}}


@dataclass(frozen=True, slots=True)
class Found:
    """The scores by each way to score, and the weights that were learnt for each model."""

    scores: dict[str, Floats]
    weights: dict[str, Weights | None]


def evaluate(judged: Judged, options: Options, policy: Policy, console: Console) -> Found:
    """Every way to score, over the test period."""
    data, protocol = judged.data, judged.protocol
    late, soon = protocol.learnt(data, protocol.delay), protocol.learnt(data, A_DAY)
    with progress(console, "history", len(data)) as advance:
        trial = Trial.of(data.with_delay(protocol.delay), late)
        trial_soon = Trial.of(data.with_delay(A_DAY), soon)
        contest = Contest.of(data, judged.flags, (trial, trial_soon), policy, judged.seed, advance)
    known = _features(data, replace(options, label_delay=protocol.delay), console)
    forest = Contender.trained("isolation_forest", known, contest, protocol.seen(data), trial)
    later = Contender.trained(SUPERVISED, known, contest, late, trial)
    known_soon = _features(data, replace(options, label_delay=A_DAY), console)
    sooner = Contender.trained(SUPERVISED, known_soon, contest, soon, trial_soon)
    supervised = {
        f"supervised, labels after {protocol.delay.days} days": later,
        "supervised, labels after 1 day": sooner,
    }
    together = {"fused": forest} | {f"fused with {name}": one for name, one in supervised.items()}
    return Found(
        scores={
            "rules+velocity+anomaly": contest.fused(None),
            "isolation_forest": forest.scores,
            "fused": contest.fused(forest.ranks),
            **{name: one.scores for name, one in supervised.items()},
            **{name: contest.fused(one.ranks) for name, one in together.items()},
            **{
                f"{name}, weights learnt": contest.fused(one.ranks, one.weights)
                for name, one in together.items()
                if one.weights is not None
            },
        },
        weights={name: one.weights for name, one in together.items()},
    )


def _features(data: Dataset, options: Options, console: Console) -> Matrix:
    days = options.label_delay.days
    with progress(console, f"features, labels after {days} days", len(data)) as advance:
        return feature_matrix(data.with_delay(options.label_delay), options, advance)


@click.command()
@click.option("--data", "path", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--map", "maps", multiple=True, help="PART=COLUMN, where a name is not recognised.")
@click.option("--first", type=click.DateTime(["%Y-%m-%d"]), help="First day that is judged.")
@click.option("--days", type=click.IntRange(1), help="How many days are judged.")
@click.option(
    "--weekly/--plain",
    "weekly",
    default=None,
    help="Leave known senders out and count the first 100 a day, or not; by the file's length.",
)
@click.option("--label-days", type=click.IntRange(1), default=7, help="When labels are known.")
@click.option("--utc-offset", type=float, default=0.0, help="Hours; the file's own time zone.")
@click.option(
    "--amount-times",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    help="Judge the payments in another unit of money: what a model finds must not depend on it.",
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
    """Judge a test period by everything that was known before each of its payments.

    Without options a file of less than 13 weeks is judged over its last week, by the protocol of
    the Fraud Detection Handbook; a longer one over its last 30 days.
    """
    console, delay = Console(), timedelta(days=label_days)
    with refusals():
        data = read_parquet(path, pairs(maps), timedelta(0)).with_amounts_times(amount_times)
        day = None if first is None else first.date()
        protocol = Protocol.of(data, delay, day, days, weekly=weekly)
        judged = Judged(data, protocol, protocol.judged(data), seed)
        frauds = int(judged.labels.sum())
        console.print(f"{len(judged.labels):,} payments with {frauds:,} frauds are judged")
        policy = Policy() if ml_weight is None else replace(Policy(), ml_weight=ml_weight)
        options = Options(utc_offset=timedelta(hours=utc_offset))
        found = evaluate(judged, options, policy, console)
    rows = [judged.row(name, scores) for name, scores in found.scores.items()]
    report = {"rows": rows, "seed": seed, "weights": found.weights}
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").write_text(json.dumps(report, indent=2))
    curves(out, found.scores, judged.labels)
    _print(console, rows)
    for name, weights in found.weights.items():
        told = "too few frauds were known" if weights is None else _in_words(weights)
        console.print(f"weights learnt, {name}: {told}")


def _in_words(weights: Weights) -> str:
    return ", ".join(f"{name} {weight:.3f}" for name, weight in weights.items())


def _print(console: Console, rows: list[dict[str, Any]]) -> None:
    table = Table()
    for name in rows[0]:
        table.add_column(name, justify="left" if name == "name" else "right")
    for row in rows:
        table.add_row(
            *(value if isinstance(value, str) else f"{value:.4f}" for value in row.values())
        )
    console.print(table)


if __name__ == "__main__":
    main()
