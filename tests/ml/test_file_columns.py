"""Training reads the columns of the import and of the label export."""

import pytest

from ml.file_columns import READ, columns_of, mapped_columns
from risksentinel.errors import Malformed
from risksentinel.label_export.schema import COLUMNS
from risksentinel.payment_files.column_names import (
    ALIASES,
    LABEL_ALIASES,
    LABELS,
    REQUIRED,
    TARGETS,
    bare,
)

# The engine's answer at scoring: a model that reads it would learn its own scores.
AS_SCORED = ("risk_score", "rules_fired", "model_version")
USUAL = ("sender_id", "receiver_id", "amount_zar", "occurred_at")
NAMES = [
    (target, alias)
    for target, aliases in {**ALIASES, **LABEL_ALIASES}.items()
    for alias in (target, *aliases)
    if target in READ
]


@pytest.mark.parametrize(("target", "alias"), NAMES)
def test_training_recognises_every_alias(target: str, alias: str) -> None:
    """A file that the import reads is read by training without `--map`."""
    others = [name for name in USUAL if name != target]

    assert columns_of([*others, alias.upper()], {})[target] == alias.upper()


def test_the_label_export_is_read_by_its_own_names() -> None:
    """Training reads each exported column but the answers of scoring."""
    columns = columns_of(list(COLUMNS), {})

    assert columns == {name: name for name in COLUMNS if name not in AS_SCORED}
    assert set(COLUMNS) - set(AS_SCORED) == set(READ)


def test_labels_are_no_payment_columns() -> None:
    """The import never sends a label, and no alias has two meanings."""
    labels = [bare(name) for target, names in LABEL_ALIASES.items() for name in (target, *names)]
    payment = [bare(name) for target, names in ALIASES.items() for name in (target, *names)]

    assert not {*labels, *LABELS} & set(payment)
    assert len(labels) == len(set(labels))
    assert {bare(name) for name in ("fraud", *LABEL_ALIASES["fraud"])} <= LABELS
    assert set(REQUIRED) <= set(TARGETS) & set(READ)


def test_two_candidates_are_refused_with_the_option_to_give() -> None:
    """A guess between two accounts would be a wrong history for both."""
    with pytest.raises(Malformed, match="sender_id could be any of payer, cc_num: give --map"):
        columns_of(["payer", "cc_num", "receiver_id", "amount", "ts"], {})


def test_the_exact_name_is_preferred_to_an_alias() -> None:
    """A file of the label export may have further columns."""
    assert columns_of([*USUAL, "cc_num", "amt"], {}) == {name: name for name in USUAL}


@pytest.mark.parametrize(
    ("text", "column"),
    [("sender_id=cc", {"sender_id": "cc"}), ("sender=cc", {"sender_id": "cc"})],
)
def test_map_takes_a_target_or_its_short_name(text: str, column: dict[str, str]) -> None:
    """The targets are those of `risksentinel import`; the short names were there first."""
    assert mapped_columns([text]) == column


@pytest.mark.parametrize("text", ["payer=cc", "currency=ccy", "sender_id", "sender_id="])
def test_map_refuses_an_unknown_target(text: str) -> None:
    """The error lists the targets."""
    with pytest.raises(Malformed, match="write TARGET=COLUMN with one of id, sender_id"):
        mapped_columns([text])
