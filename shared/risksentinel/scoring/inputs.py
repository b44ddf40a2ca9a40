"""inputs_of: everything that a score read of history and lists and the receipt has nowhere else.

Only what was read is stored: a window that no rule asked for is left out, and a replay that asks
for it fails. docs/decisions.md describes each member.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from pydantic_core import to_json

from risksentinel.domain.flow import Window
from risksentinel.domain.history import Snapshot
from risksentinel.domain.named_list import NO_LISTS, Entry, Memberships
from risksentinel.domain.signal import Silent
from risksentinel.scoring.facts import Facts

DIGEST: Final = "digest"
_SHORT_DIGEST: Final = 16  # hexadecimal digits: it finds damage; the ledger finds forgery


def inputs_of(facts: Facts) -> dict[str, Any]:
    """Return the member `inputs` of a receipt, as plain JSON."""
    inputs: dict[str, Any] = {}
    history, read = facts.history, tuple[object, ...]()
    if isinstance(history, Snapshot):
        _add_history(inputs, history)
        read = _read_elsewhere(history)
    if facts.lists is not NO_LISTS:
        inputs["lists"] = _lists(facts.lists)
    inputs[DIGEST] = sha256(to_json([inputs, read])).hexdigest()[:_SHORT_DIGEST]
    return inputs


def _add_history(inputs: dict[str, Any], history: Snapshot) -> None:
    # Tuples and whole numbers as keys: JSON makes lists and texts of them, without a copy here.
    sender = history.sender
    inputs["known"] = history.known
    inputs["new"] = history.receiver.new_for_sender
    if sender.settled:
        inputs["settled"] = (sender.settled, sender.settled_median, sender.settled_largest)
    for name, figures, flow in (
        ("paid", "paid_figures", history.paid),
        ("got", "got_figures", history.got),
        ("received", "received_figures", history.received),
    ):
        if flow.counted:
            inputs[name] = {span: _window(found) for span, found in flow.counted.items()}
        if flow.figures:
            inputs[figures] = flow.figures
    if history.answers:
        inputs["answers"] = history.answers


def _window(window: Window) -> tuple[int, ...]:
    stated = (window.count, window.cents, window.largest, window.parties)
    return (*stated, window.cash_count, window.cash_cents) if window.cash_count else stated


def _read_elsewhere(history: Snapshot) -> tuple[object, ...]:
    """Return what signals state already; only the digest covers it here."""
    sender, velocity = history.sender, history.velocity
    return (
        velocity.count,
        f"{velocity.total:.2f}",
        velocity.window_seconds,
        sender.payments,
        sender.mean,
        sender.median,
        sender.deviation,
    )


def _lists(lists: Memberships | Silent) -> Mapping[str, Any]:
    if isinstance(lists, Silent):
        absence = lists.absence
        return {"silent": lists.reason, **({} if absence is None else {"status": absence.value})}
    names = {"names": sorted(lists.names)}
    if not lists.matches:
        return names
    return {**names, "matches": [_match(*key, entry) for key, entry in lists.matches.items()]}


def _match(name: str, folded: str, entry: Entry | None) -> list[Any]:
    if entry is None:
        return [name, folded]  # the database did not answer
    return [name, folded, entry.value, entry.reason, entry.author]
