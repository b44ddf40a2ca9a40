from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from risksentinel.errors import Misconfigured
from risksentinel.payment_files.column_names import ALIASES, LABELS, bare
from risksentinel.payment_files.options import ImportOptions
from risksentinel.payment_files.sources import Sources, find_sources

USUAL = ("sender_id", "receiver_id", "amount_zar", "occurred_at", "channel")


def sources(names: Sequence[str], maps: Sequence[str] = (), sets: Sequence[str] = ()) -> Sources:
    """The sources of a file with these columns."""
    given: dict[str, Any] = {"maps": maps, "sets": sets, "timezone": None, "file": Path("x.csv")}
    return find_sources(names, ImportOptions.of(given))


def test_no_alias_belongs_to_two_fields() -> None:
    """An ambiguous name would have to be guessed."""
    names = [bare(alias) for target, found in ALIASES.items() for alias in (target, *found)]

    assert len(names) == len(set(names))
    assert not LABELS & set(names)


@pytest.mark.parametrize("names", [("ID", "Tx Amount"), ("transactionId", "TX-AMOUNT")])
def test_a_column_name_is_recognised_in_any_spelling(names: tuple[str, str]) -> None:
    """Exports differ in case, spaces and separators."""
    found = sources([*names, "payer", "payee", "ts"])

    assert found.columns["id"] == names[0]
    assert found.columns["amount_zar"] == names[1]


def test_an_exact_name_wins_over_a_common_one() -> None:
    """A column with the name of the field is the field."""
    found = sources([*USUAL, "amount", "customer_id"])

    assert found.columns["amount_zar"] == "amount_zar"
    assert found.columns["sender_id"] == "sender_id"


def test_two_candidates_are_an_error_that_names_the_option() -> None:
    """A wrong guess between two accounts would corrupt both histories."""
    with pytest.raises(Misconfigured) as error:
        sources(["payer", "customer id", "payee", "amount", "ts"])

    assert "--map sender_id=payer or --map 'sender_id=customer id'" in str(error.value)


def test_missing_fields_are_named_with_the_columns_and_the_option() -> None:
    """The error must suffice to correct the command."""
    with pytest.raises(Misconfigured) as error:
        sources(["who", "payee", "rand"])

    text = str(error.value)
    assert "No column is recognised as sender_id, amount_zar, occurred_at." in text
    assert "The file has who, payee, rand." in text
    assert "--map sender_id=COLUMN --map amount_zar=COLUMN --map occurred_at=COLUMN" in text


def test_an_option_wins_over_a_column_name() -> None:
    """The user's choice has priority."""
    found = sources([*USUAL, "gross"], ["amount_zar=gross"], ["channel=atm"])

    assert found.columns["amount_zar"] == "gross"
    assert "channel" not in found.columns
    assert found.constants["channel"] == "atm"


@pytest.mark.parametrize(
    ("receiver", "channel"), [("terminal_id", "pos"), ("beneficiary", "ecommerce")]
)
def test_an_assumed_channel_is_printed(receiver: str, channel: str) -> None:
    """An assumption without a message would look like data."""
    found = sources(["payer", receiver, "amount", "ts"])

    assert found.constants["channel"] == channel
    assert any(f"taking {channel}" in note for note in found.notes)


@pytest.mark.parametrize("label", ["is_fraud", "TX_FRAUD", "scenario", "isFraud"])
def test_a_label_cannot_be_mapped(label: str) -> None:
    """A scorer that receives labels measures nothing."""
    with pytest.raises(Misconfigured, match="labels are never sent"):
        sources([*USUAL, label], [f"merchant_category={label}"])


@pytest.mark.parametrize(
    ("maps", "sets", "says"),
    [
        (["amount_zar=none"], [], "no such column. The file has sender_id"),
        (["amount=x"], [], "give --map TARGET="),
        (["rail"], [], "give --map TARGET="),
        (["rail=a", "rail=b"], [], "twice"),
        (["rail=sender_id"], ["rail=card"], "by --map and by --set"),
        ([], ["id=1"], "the same id"),
        ([], ["amount_zar=1.234"], "--set amount_zar=1.234"),
        ([], ["occurred_at=2026-05-01T08:30:00"], "has no time zone"),
    ],
)
def test_a_wrong_option_is_an_error(maps: list[str], sets: list[str], says: str) -> None:
    """The error comes before the first payment is sent."""
    with pytest.raises(Misconfigured) as error:
        sources(USUAL, maps, sets)

    assert says in str(error.value)
