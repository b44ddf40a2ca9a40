"""Random outcomes of two policies on the same payments, stored as segments."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st

from risksentinel.backtest.inputs import CANDIDATE, COMPARED
from risksentinel.backtest.segment_table import Decided
from risksentinel.backtest.segments import Segments
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.domain.verdict import Decision
from risksentinel.scoring.partitions.past_events import PastPayment
from risksentinel.scoring.partitions.past_outcome import PastOutcome
from tests.strategies import NOW

Pair = tuple[PastPayment, PastOutcome, PastOutcome]

_names = st.lists(st.sampled_from(["r1", "r2", "<b>r3</b>"]), unique=True, max_size=3)
_escalations = st.lists(st.sampled_from(["rule_review", "arrived_late"]), unique=True, max_size=2)
outcomes = st.builds(
    PastOutcome,
    decision=st.sampled_from(Decision),
    score=st.integers(0, 10_000),
    alert=st.booleans(),
    rules=_names.map(tuple),
    escalations=_escalations.map(tuple),
    reasons=st.just(("to 62000000009: <script>alert(1)</script>",)),
)


@st.composite
def pairs(draw: st.DrawFn) -> list[Pair]:
    """Payments of a few days and customers, with the outcomes of both policies."""
    found: list[Pair] = []
    for order in range(draw(st.integers(0, 25))):
        at = NOW + timedelta(hours=draw(st.integers(0, 72)))
        payment = Transaction(
            id=f"p{order}",
            sender_id=draw(st.sampled_from(["62000000001", "62000000002", "62000000003"])),
            receiver_id="62000000009",
            amount=Money.of_cents(draw(st.integers(1, 10**9))),
            channel=Channel.WALLET,
            occurred_at=at,
        )
        fraud = draw(st.sampled_from([None, None, True, False]))
        past = PastPayment(order, payment, at, fraud=fraud)
        found.append((past, draw(outcomes), draw(outcomes)))
    return found


def said_by(pair: Pair, side: str) -> PastOutcome:
    """The outcome of this policy."""
    return pair[1] if side == CANDIDATE else pair[2]


def stored(folder: Path, found: Sequence[Pair], of_a_file: int = 10) -> tuple[Segments, Segments]:
    """The segments of the candidate, and those of the other policy."""
    sides = Segments(folder / "candidate"), Segments(folder / "compared")
    for segments, side in zip(sides, (CANDIDATE, COMPARED), strict=True):
        segments.folder.mkdir(parents=True)
        decided: list[Decided] = [(pair[0], said_by(pair, side)) for pair in found]
        for begin in range(0, len(decided), of_a_file):
            segments.write(begin // of_a_file, "digest", decided[begin : begin + of_a_file])
        segments.finish("digest")
    return sides
