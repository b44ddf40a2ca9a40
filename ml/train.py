"""python -m ml.train: train a version of the model on a file of payments."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import click
import numpy as np
from rich.console import Console

from ml.artefacts import Trained, write
from ml.backfill import Advance, Backfill, backfill
from ml.cluster_features import Cluster, cluster_backfill
from ml.command_line import progress, refusals, work_folder
from ml.dataset import UNKNOWN, Dataset
from ml.disk_matrix import chosen_rows
from ml.evaluation_set import EvaluationSet, rival
from ml.file_columns import mapped_columns
from ml.model_kinds import MIN_FRAUDS, MODEL_KINDS
from ml.onnx_scores import Floats, raw_scores, risks
from ml.payments_file import read_parquet
from ml.plots import calibration, curves, score_distribution
from ml.protocol import Flags
from ml.split import complete_labels, split
from ml.synthetic import synthetic
from ml.training_plan import TrainingPlan
from ml.weights import Trial, Weights, learnt_weights
from risksentinel.domain.model_version import Rival
from risksentinel.domain.party_state import SECONDS_A_DAY
from risksentinel.errors import Malformed
from risksentinel.partitioned.ray_cluster import LOCAL
from risksentinel.scoring.features.batch import MIN_PAYMENTS, Options
from risksentinel.scoring.features.matrix import Matrix
from risksentinel.scoring.features.table import NAMES
from risksentinel.scoring.policy import Policy
from risksentinel.text import rfc3339

_HISTORY: Final = NAMES.index("amount_to_median")


def train(
    data: Dataset,
    plan: TrainingPlan,
    folder: Path,
    console: Console,
    work: Path | None = None,
) -> Path:
    """Train a version, measure it on the end of the period, write its files; answers the folder.

    With the folder `work` the features are in files there, mapped into memory; with a cluster, its
    workers compute them.

    Raises:
        Malformed: the payments are too few, have no history, or lack labels that the kind needs.
    """
    began = perf_counter()
    parts = split(data, needs_labels=MODEL_KINDS[plan.kind].needs_labels)
    learnt, tested = parts.learnt, parts.tested
    trial = _trial(data, parts.labelled)
    tried = None if trial is None else trial.later
    with progress(console, "history", len(data)) as advance:
        past = _backfill(data, plan, advance, tried, work)
    known_rows = chosen_rows(past.matrix, learnt, None if work is None else work / "learnt.npy")
    _refuse_no_history(known_rows)
    fitted = MODEL_KINDS[plan.kind].fit(known_rows, data.fraud[learnt], plan.seed)
    model = fitted.onnx()
    scores = raw_scores(model, known_rows)
    measured = raw_scores(model, past.matrix[tested])
    decided = replace(data, decisions=past.decisions)
    known = EvaluationSet.of(decided, tested)
    metrics = known.metrics(measured[known.flags[tested]])
    trained = Trained(
        name=plan.name,
        kind=plan.kind,
        created_at=plan.created_at,
        fitted=fitted,
        matrix=known_rows,
        scores=scores,
        options=plan.options,
        data_sha256=data.sha256,
        metrics=metrics,
        weights=None if trial is None else _weights(plan, past, trial),
        evaluated_on=known.sha256,
        rival=_rival(plan, known, console),
    )
    place = folder / trained.version
    place.mkdir(parents=True, exist_ok=True)
    _plot(place, plan, complete_labels(data)[tested], measured, scores)
    report = _report(data, plan, known, metrics) | {"seconds": round(perf_counter() - began, 1)}
    write(place, trained, model, report)
    return place


def _backfill(
    data: Dataset, plan: TrainingPlan, advance: Advance, tried: Flags | None, work: Path | None
) -> Backfill:
    file = None if work is None else work / "features.npy"
    if plan.cluster is None or file is None:
        return backfill(data, plan.options, Policy(), advance, tried=tried, file=file)
    return cluster_backfill(
        data, plan.options, Policy(), advance, tried=tried, file=file, on=plan.cluster
    )


def _refuse_no_history(matrix: Matrix) -> None:
    if not np.isfinite(matrix[:, _HISTORY]).any():
        raise Malformed(
            f"no sender has {MIN_PAYMENTS} payments before another: there is no history to learn "
            "from. Give a longer period, and check which column is the sender (--map sender_id=…)"
        )


def _trial(data: Dataset, labelled: Flags) -> Trial | None:
    """The payments that the weights are learnt from; None if there are too few frauds."""
    enough = int((data.fraud[labelled] == 1).sum()) >= MIN_FRAUDS
    return Trial.of(data, labelled) if enough else None


def _weights(plan: TrainingPlan, past: Backfill, trial: Trial) -> Weights | None:
    return learnt_weights(plan.kind, past.matrix, trial, past.risks, plan.seed)


def _rival(plan: TrainingPlan, known: EvaluationSet, console: Console) -> Rival | None:
    if plan.against is None:
        return None
    with progress(console, "the promoted version", len(known.data)) as advance:
        found = rival(plan.against, known, advance)
    if isinstance(found, Rival):
        return found
    console.print(f"no comparison with the promoted version: {found}")
    return None


def _plot(folder: Path, plan: TrainingPlan, fraud: Any, trial: Floats, scores: Floats) -> None:  # noqa: ANN401 - an array
    if not len(trial):
        return  # no payment was measured
    ranked = risks(trial, scores)
    score_distribution(folder, ranked, fraud)
    known = fraud != UNKNOWN
    if len(np.unique(fraud[known])) == 2:  # noqa: PLR2004 - one class alone has no curve
        curves(folder, {plan.kind: trial[known]}, fraud[known])
        calibration(folder, ranked[known], fraud[known])


def _report(
    data: Dataset,
    plan: TrainingPlan,
    known: EvaluationSet,
    metrics: Mapping[str, float],
) -> dict[str, Any]:
    first, last = data.payments[0].occurred_at, data.payments[-1].occurred_at
    return {
        "kind": plan.kind,
        "meaning": MODEL_KINDS[plan.kind].meaning,
        "seed": plan.seed,
        "metrics": dict(metrics),
        "data": {
            "source": plan.source,
            "payments": len(data),
            "frauds": int((data.fraud == 1).sum()),
            "unknown": int((data.fraud == UNKNOWN).sum()),
            "evaluation_payments": int(known.flags.sum()),
            "from": rfc3339.to_text(first),
            "until": rfc3339.to_text(last),
            "days": int(data.at[-1] - data.at[0]) // SECONDS_A_DAY,
        },
    }


@click.command()
@click.option("--data", "path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--map", "maps", multiple=True, help="TARGET=COLUMN, for a name that is not recognised."
)
@click.option("--kind", type=click.Choice(list(MODEL_KINDS)), default="isolation_forest")
@click.option("--name", default="payments", help="The model's name, as in MODEL_NAME.")
@click.option(
    "--label-days", type=click.IntRange(1, 400), default=7, help="Days until labels are known."
)
@click.option(
    "--utc-offset",
    type=click.FloatRange(-14, 14),
    default=2.0,
    help="Hours; by default those of South Africa.",
)
@click.option(
    "--against",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of `risksentinel models fetch`: the promoted version is measured too.",
)
@click.option(
    "--cluster",
    metavar="[ADDRESS]",
    is_flag=False,
    flag_value=LOCAL,
    help="Compute the features on a Ray cluster; without an address, with two workers on this "
    "machine.",
)
@click.option(
    "--storage",
    metavar="URI",
    help="With --cluster: s3://bucket/prefix or a folder that all workers reach, for the payments.",
)
@click.option("--seed", type=int, default=1)
@click.option("--out", type=click.Path(path_type=Path), default=Path(".risksentinel/trained"))
def main(  # noqa: PLR0913 - one parameter an option
    *,
    path: Path | None,
    maps: tuple[str, ...],
    kind: str,
    name: str,
    label_days: int,
    utc_offset: float,
    against: Path | None,
    cluster: str | None,
    storage: str | None,
    seed: int,
    out: Path,
) -> None:
    """Train a version of the model; without --data on payments of the built-in generator."""
    console, delay = Console(stderr=True), timedelta(days=label_days)
    options = Options(timedelta(hours=utc_offset), delay)
    now = datetime.now(UTC)  # noqa: TID251 - the command line's clock
    if (cluster is None) != (storage is None):
        raise click.UsageError("--cluster and --storage belong together: give both")
    on = None if cluster is None or storage is None else Cluster(cluster, storage)
    with refusals(), work_folder(out) as work:
        data = (
            synthetic(seed)
            if path is None
            else read_parquet(path, mapped_columns(maps), delay, work / "payments")
        )
        source = "the built-in generator" if path is None else path.name
        plan = TrainingPlan(name, kind, seed, options, source, now, against, on)
        place = train(data, plan, out, console, work)
    click.echo(place)


if __name__ == "__main__":
    main()
