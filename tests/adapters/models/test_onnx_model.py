import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from ml.distributions import score_quantiles
from risksentinel.adapters.models.onnx_graph import graph_of
from risksentinel.adapters.models.onnx_model import onnx_model
from risksentinel.errors import Malformed
from tests.adapters.models.forests import AMOUNT, artefact, stump

NAN = float("nan")


def other(operator: str, domain: str = "") -> bytes:
    """An ONNX model of one other operator, from and to what serving expects."""
    node = helper.make_node(operator, ["features"], ["score"], domain=domain)
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1])
        for name in ("features", "score")
    ]
    graph = helper.make_graph([node], "other", ends[:1], ends[1:])
    return bytes(helper.make_model(graph).SerializeToString())


def test_payments_are_judged_together_and_missing_is_a_value() -> None:
    """One run for all of a batch; what is not known has its own branch."""
    model = onnx_model(artefact(), AMOUNT)

    judged = model.judge([(999.0,), (1_000.0,), (1_000.1,), (NAN,)])

    assert judged.scores.tolist() == [0.0, 0.0, 1.0, 0.0]
    assert judged.risks.tolist() == pytest.approx([1 / 3, 1 / 3, 1.0, 1 / 3])


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=300))
def test_a_risk_is_the_share_of_the_training_below_with_ties_in_their_middle(
    scores: list[float],
) -> None:
    """With 0.99 one in a hundred training payments was more anomalous; risks stay within 0 to 1."""
    quantiles = tuple(sorted(scores))
    low, high = min(scores), max(scores)
    model = onnx_model(artefact(stump(low=low, high=high), quantiles=quantiles), AMOUNT)

    risks = model.judge([(0.0,), (2_000.0,)]).risks

    assert ((risks >= 0) & (risks <= 1)).all()
    assert low == high or risks[0] <= risks[1]


def test_the_share_of_payments_above_a_risk_is_one_minus_the_risk() -> None:
    """Of a thousand payments of the training, ten are above 0.99."""
    scores = np.random.default_rng(3).normal(size=20_000)
    quantiles = score_quantiles(scores)
    top = float(np.quantile(scores, 0.99))

    model = onnx_model(artefact(stump(low=top, high=9.9), quantiles=quantiles), AMOUNT)

    assert model.judge([(0.0,)]).risks[0] == pytest.approx(0.99, abs=1e-4)


def test_threads_share_a_model() -> None:
    """A function answers eight requests at once."""
    model = onnx_model(artefact(), AMOUNT)

    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(lambda _: model.judge([(2_000.0,), (1.0,)]).scores.tolist(), range(99))
        )

    assert found == [[1.0, 0.0]] * 99


@pytest.mark.parametrize(
    ("features", "violation"),
    [
        (("amount_zar", "count_5m"), "lacks count_5m"),
        (("count_5m",), "lacks count_5m and knows besides amount_zar"),
    ],
)
def test_a_model_with_other_features_is_refused(features: tuple[str, ...], violation: str) -> None:
    """It would use one feature in place of another."""
    with pytest.raises(Malformed, match=violation):
        onnx_model(artefact(), features)


def test_a_model_with_the_features_in_another_order_is_refused() -> None:
    """The names are right and every answer is wrong."""
    two = artefact(features=("a", "b"))

    with pytest.raises(Malformed, match="another order"):
        onnx_model(two, ("b", "a"))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(share: float) -> None:
    """The file was cut off before publishing: its bytes match the manifest."""
    whole = stump()

    with pytest.raises(Malformed, match=r"model\.onnx"):
        onnx_model(artefact(whole[: int(len(whole) * share)]), AMOUNT)


@given(st.binary(max_size=400))
def test_a_foreign_file_is_refused(body: bytes) -> None:
    """A pickle, a picture or noise is refused, before or in the runtime."""
    with pytest.raises(Malformed):
        onnx_model(artefact(body), AMOUNT)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_changed_byte_makes_another_model_or_none_but_no_crash(place: int, byte: int) -> None:
    """What reads untrusted bytes must fail in one way only."""
    changed = bytearray(stump())
    changed[place % len(changed)] = byte

    try:
        graph = graph_of(bytes(changed))
    except Malformed:
        return

    assert graph.operators


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (other("Identity"), "Identity"),
        (other("RunAnything", "evil.example"), "evil.example.RunAnything"),
    ],
)
def test_a_model_that_computes_something_else_is_refused(body: bytes, told: str) -> None:
    """A foreign operator may read files or loop without end."""
    with pytest.raises(Malformed, match=told):
        onnx_model(artefact(body), AMOUNT)


def test_tensors_and_functions_that_come_along_are_refused() -> None:
    """A tensor may be in another file, whose path the model names."""
    model = onnx.load_model_from_string(stump())
    model.graph.initializer.append(helper.make_tensor("w", TensorProto.FLOAT, [1], [1.0]))

    with pytest.raises(Malformed, match="uses unsupported operators"):
        onnx_model(artefact(bytes(model.SerializeToString())), AMOUNT)


def test_a_graph_of_other_shapes_is_refused() -> None:
    """Three figures in, where the code gives one."""
    with pytest.raises(Malformed, match="must take"):
        onnx_model(artefact(stump(features=3)), AMOUNT)


def test_a_model_without_quantiles_is_refused() -> None:
    """A raw score is no risk."""
    with pytest.raises(Malformed, match="score_quantiles"):
        onnx_model(artefact(quantiles=()), AMOUNT)


def test_serving_imports_nothing_that_training_needs() -> None:
    """Scikit-learn, scipy and pandas are 300 MB and a second that no payment has."""
    program = (
        "import sys; from risksentinel.adapters.models import onnx_model, cached_fraud_model; "
        "import functions.ingest.main, functions.score.main, onnxruntime; "
        "print(*sorted({'sklearn', 'scipy', 'pandas', 'onnx', 'joblib'} & set(sys.modules)))"
    )

    done = subprocess.run(  # noqa: S603 - this very Python, with a program written above
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == ""


def test_functions_start_without_the_runtime() -> None:
    """The import takes a quarter of a second: on the thread that loads models, not on a payment."""
    program = (
        "import sys, functions.ingest.main, functions.score.main; "
        "print(*sorted({'onnxruntime', 'boto3'} & set(sys.modules)))"
    )

    done = subprocess.run(  # noqa: S603 - this very Python, with a program written above
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == ""
