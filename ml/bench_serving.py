"""python -m ml.bench_serving: the time of onnxruntime for a forest, compared with scikit-learn."""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any, Final

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it has no types
from sklearn.ensemble import IsolationForest  # type: ignore[import-untyped]  # it has no types

from ml.distributions import score_quantiles
from ml.export import INPUT, OUTPUT, export

TREES: Final = 100
SAMPLES: Final = 256
FEATURES: Final = 35
BATCHES: Final = (1, 16, 256)
TRIES: Final = 7
SECONDS_A_TRY: Final = 0.3


def main() -> None:
    """Print microseconds: the median of seven tries, and the best one."""
    figures = np.random.default_rng(1).lognormal(size=(20_000, FEATURES)).astype(np.float32)
    forest = IsolationForest(n_estimators=TREES, max_samples=SAMPLES, random_state=1).fit(figures)
    judge = _served(export(forest), forest, figures)
    print(f"{TREES} trees x {SAMPLES} payments x {FEATURES} features, one thread")  # noqa: T201
    for size in BATCHES:
        middle, best = _microseconds(partial(judge, figures[:size]))
        print(f"{size:4} rows: {middle:8.1f} us, at best {best:8.1f} us")  # noqa: T201
    middle, best = _microseconds(partial(forest.score_samples, figures[:1]))
    print(f"scikit-learn, 1 row: {middle:8.1f} us, at best {best:8.1f} us")  # noqa: T201


def _served(body: bytes, forest: Any, figures: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    """The work of serving: run the model, and rank the scores among those of the training."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(body, options, providers=["CPUExecutionProvider"])
    quantiles = np.array(score_quantiles(np.log2(-forest.score_samples(figures))))
    ranks = np.linspace(0, 1, len(quantiles))

    def judge(rows: Any) -> Any:  # noqa: ANN401
        (scores,) = session.run([OUTPUT], {INPUT: rows})
        return np.interp(scores[:, 0].astype(np.float64), quantiles, ranks)

    return judge


def _microseconds(call: Callable[[], object]) -> tuple[float, float]:
    call()
    found = []
    for _ in range(TRIES):
        began, calls = perf_counter(), 0
        while perf_counter() - began < SECONDS_A_TRY:
            call()
            calls += 1
        found.append((perf_counter() - began) / calls * 1e6)
    return sorted(found)[TRIES // 2], min(found)


if __name__ == "__main__":
    main()
