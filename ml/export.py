"""export: a fitted scikit-learn ensemble as ONE ONNX node, TreeEnsembleRegressor.

One payment takes a thousandth of scikit-learn's own time, and serving does not need scikit-learn.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from ml.trees import Ensemble, Floats, ensemble_of

INPUT: Final = "features"
OUTPUT: Final = "score"
_DOMAIN: Final = "ai.onnx.ml"
_OPSETS: Final = (("", 17), (_DOMAIN, 3))
_IR_VERSION: Final = 8  # every onnxruntime of the last years reads it
_LEAF: Final = "LEAF"
_BRANCH: Final = "BRANCH_LEQ"


def export(model: Any) -> bytes:  # noqa: ANN401 - scikit-learn has no types
    """The model as ONNX: `features` [n, f] of float32 in, `score` [n, 1] out; NaN is missing.

    `ml.trees.Ensemble` documents the score; it always rises with the risk. Fit the model to
    float32: the exported scores then equal scikit-learn's to 1e-5.

    Raises:
        Malformed: this kind of model is not served.
    """
    return exported(ensemble_of(model), int(model.n_features_in_))


def exported(ensemble: Ensemble, features: int) -> bytes:
    """The ensemble as an ONNX file."""
    node = helper.make_node("TreeEnsembleRegressor", [INPUT], [OUTPUT], domain=_DOMAIN)
    node.attribute.extend(
        helper.make_attribute(name, value) for name, value in _attributes(ensemble).items()
    )
    graph = helper.make_graph(
        [node],
        "risksentinel",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [None, features])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def rounded_down(thresholds: Floats) -> npt.NDArray[np.float32]:
    """The largest float32 that is not above each threshold.

    x <= t and x <= rounded_down(t) are equal for every float32 x.
    """
    with np.errstate(over="ignore"):
        nearest = thresholds.astype(np.float32)
        below = np.nextafter(nearest, np.float32(-np.inf))
    above = nearest.astype(np.float64) > thresholds
    return np.where(above, below, nearest)


def _attributes(ensemble: Ensemble) -> dict[str, Any]:
    trees = ensemble.trees
    sizes = [len(tree.left) for tree in trees]
    ids = np.concatenate([np.arange(size) for size in sizes])
    tree_ids = np.repeat(np.arange(len(trees)), sizes)
    leaf = np.concatenate([tree.left for tree in trees]) < 0
    threshold = rounded_down(np.concatenate([tree.threshold for tree in trees]))
    missing_left = np.concatenate([tree.missing_left for tree in trees])
    value = np.concatenate([tree.value for tree in trees])
    left = np.concatenate([tree.left for tree in trees])
    right = np.concatenate([tree.right for tree in trees])
    feature = np.concatenate([tree.feature for tree in trees])
    return {
        "n_targets": 1,
        "aggregate_function": "SUM",
        "base_values": [ensemble.base],
        "nodes_treeids": tree_ids.tolist(),
        "nodes_nodeids": ids.tolist(),
        "nodes_modes": [_LEAF if is_leaf else _BRANCH for is_leaf in leaf],
        "nodes_featureids": np.where(leaf, 0, feature).tolist(),
        "nodes_values": np.where(leaf, 0, threshold).tolist(),
        "nodes_truenodeids": np.where(leaf, 0, left).tolist(),
        "nodes_falsenodeids": np.where(leaf, 0, right).tolist(),
        "nodes_missing_value_tracks_true": np.where(leaf, 0, missing_left).tolist(),
        "target_treeids": tree_ids[leaf].tolist(),
        "target_nodeids": ids[leaf].tolist(),
        "target_ids": [0] * int(leaf.sum()),
        "target_weights": value[leaf].tolist(),
    }
