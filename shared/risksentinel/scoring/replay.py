"""facts_of: a receipt -> the facts that were scored."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NoReturn, cast

from typing_extensions import override

from risksentinel.domain.account_summary import AccountSummary
from risksentinel.domain.flow import Flow, Window
from risksentinel.domain.history import Habits, ReceiverProfile, Snapshot, VelocitySnapshot
from risksentinel.domain.named_list import NO_LISTS, Entry, Memberships, fold, listable_texts
from risksentinel.domain.sender_profile import SenderProfile
from risksentinel.domain.signal import Opinion, Reading, Silent, absence_of
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Rejected
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import NO_MODEL, Facts

Receipt = Mapping[str, Any]


class NotInReceipt(Rejected):
    """A score needs an input that the receipt does not have."""


class _Unread:
    """A value that the score did not read, so that the receipt does not have it."""

    def __getattr__(self, name: str) -> NoReturn:
        raise NotInReceipt(f"the receipt does not have the sender's habits ({name})")


NOT_READ: Final = cast("Habits", _Unread())


class CountedFlow(Flow):
    """A flow without entries: only windows and figures that were counted are known."""

    @override
    def _counted(self, seconds: int) -> Window:
        raise NotInReceipt(f"the receipt does not have a window of {seconds} seconds")

    @override
    def _new_parties(self, seconds: int) -> int:
        raise NotInReceipt(f"the receipt does not have the new parties of {seconds} seconds")

    @override
    def _since_last(self) -> int | None:
        raise NotInReceipt("the receipt does not have the time since the last payment")


def facts_of(
    transaction: Transaction, receipt: Receipt, rules: tuple[Rule, ...] | Silent, model: Opinion
) -> Facts:
    """Return the facts of a receipt.

    Raises:
        KeyError, TypeError, ValueError: a member is missing, or is not what a score writes.
    """
    inputs, signals = receipt["inputs"], receipt["signals"]
    return Facts(
        transaction,
        _history(inputs, signals),
        rules,
        model,
        _lists(inputs.get("lists"), transaction, receipt),
    )


def model_of(receipt: Receipt) -> Opinion:
    """Return the model's opinion as the receipt states it."""
    said = receipt["signals"]["ml"]
    details = dict(said["details"])
    if said["status"] != "ok":
        absence = absence_of(said["status"])
        return Silent(said["reason"], details, absence) if receipt["ml_weight"] else NO_MODEL
    return Reading(details.pop("rank"), (said["reason"],), details)


def _history(inputs: Receipt, signals: Receipt) -> Snapshot | Silent:
    if "known" not in inputs:
        said = signals["velocity"]
        return Silent(said["reason"], absence=absence_of(said["status"]))
    velocity, anomaly = signals["velocity"]["details"], signals["anomaly"]["details"]
    snapshot = Snapshot(
        velocity=VelocitySnapshot(
            velocity["count"], Decimal(velocity["total_zar"]), velocity["window_seconds"]
        ),
        sender=SenderProfile(
            anomaly["payments"],
            anomaly["mean_zar"],
            anomaly["median_zar"],
            anomaly["deviation_zar"],
            *inputs.get("settled", ()),
        ),
        receiver=ReceiverProfile(inputs["new"], 0),
        habits=NOT_READ,
        known=AccountSummary(*inputs["known"]),
        kept=NOT_READ,
        paid=_flow(inputs, "paid"),
        got=_flow(inputs, "got"),
        received=_flow(inputs, "received"),
    )
    snapshot.answers.update(inputs.get("answers", {}))
    return snapshot


def _flow(inputs: Receipt, name: str) -> Flow:
    windows = {int(span): _window(stated) for span, stated in inputs.get(name, {}).items()}
    return CountedFlow.known(windows, inputs.get(f"{name}_figures", {}))


def _window(stated: list[int]) -> Window:
    count, cents, largest, parties, *cash = stated
    cash_count, cash_cents = cash or (0, 0)
    return Window(count, cents, largest, parties, cash_count, cash_cents)


def _lists(
    stated: Receipt | None, transaction: Transaction, receipt: Receipt
) -> Memberships | Silent:
    if stated is None:
        return NO_LISTS
    if "silent" in stated:
        return Silent(stated["silent"], absence=absence_of(stated.get("status", "silent")))
    at = datetime.fromisoformat(receipt["scored_at"])
    asked = tuple({fold(text) for text in listable_texts(transaction) if text is not None})
    found = {(each[0], each[1]): _entry(each[2:], at) for each in stated.get("matches", ())}
    return Memberships(tuple(stated["names"]), asked, found)


def _entry(stated: list[str], at: datetime) -> Entry | None:
    if not stated:
        return None
    value, reason, author = stated
    return Entry(value, reason, author, created_at=at)
