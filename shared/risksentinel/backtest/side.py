"""decide_all: one policy over all events, from the last checkpoint on."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Final

from risksentinel.backtest.segment_table import Decided
from risksentinel.backtest.segments import SEGMENT, WINDOW, Segments
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Rejected
from risksentinel.scoring.partitions.past_events import PastEvent, PastLabel, PastPayment

DecideWindow = Callable[[Sequence[PastEvent]], list[Decided]]
_CHANGED: Final = (
    "the payments or the labels are not those of the checkpoint: "
    "delete the folder {}, or give another --out"
)


def decide_all(
    events: Iterable[PastEvent],
    decide: DecideWindow,
    segments: Segments,
    moved: Callable[[int], None],
) -> None:
    """Decide all events, and write a segment after each SEGMENT of them.

    `moved` gets the number of payments of each window.

    The states of accounts are not stored: events of stored segments are given to `decide` with
    their decisions, so that it has the same states again.

    Raises:
        Rejected: the events are not those of the stored segments.
    """
    digest, stored = blake2b(digest_size=16), segments.paths()
    changed = Rejected(_CHANGED.format(segments.folder.parent))
    number = 0
    for number, segment in enumerate(_batches(events, SEGMENT), 1):
        for event in segment:
            digest.update(_stated(event))
        known = None
        if number <= len(stored):
            known = _decisions(segments, stored[number - 1], digest.hexdigest(), changed)
        decided: list[Decided] = []
        for window in _batches(segment, WINDOW):
            decided += decide(window if known is None else list(_given(window, known)))
            moved(sum(isinstance(each, PastPayment) for each in window))
        if known is None:
            segments.write(number - 1, digest.hexdigest(), decided)
    if number < len(stored):
        raise changed
    segments.finish(digest.hexdigest())


def _decisions(
    segments: Segments, path: Path, digest: str, changed: Rejected
) -> Iterator[Decision]:
    before, table = segments.read(path)
    if before != digest:
        raise changed
    return map(Decision, table.column("decision").to_pylist())


def _given(window: Iterable[PastEvent], decisions: Iterator[Decision]) -> Iterator[PastEvent]:
    for event in window:
        if isinstance(event, PastPayment) and event.given is None:
            yield replace(event, given=next(decisions))
        else:
            yield event


def _stated(event: PastEvent) -> bytes:
    """All that a decision can depend on; separators are no characters of an identifier."""
    payment = event.payment
    if isinstance(event, PastLabel):
        about = f"{event.of} {event.known_at.isoformat()} {event.fraud} {event.only_clears}"
    else:
        about = f"{event.at.isoformat()} {event.given} {event.never_late} {event.fraud}"
    return (
        f"{event.order} {about} {payment.id} {payment.sender_id} {payment.receiver_id} "
        f"{payment.amount.cents} {payment.channel} {payment.occurred_at.isoformat()} "
        f"{payment.rail} {payment.merchant_category!r} {payment.receiver_country} "
        f"{payment.device_id} {payment.sim_swapped_at} {payment.beneficiary_added_at}\n"
    ).encode()


def _batches(events: Iterable[PastEvent], size: int) -> Iterator[list[PastEvent]]:
    waiting = iter(events)
    while some := list(islice(waiting, size)):
        yield some
