from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.adapters.memory.direct_publisher import DirectPublisher
from risksentinel.events.event import Event
from risksentinel.ports.publishing import Delivery, Outcome

AT = datetime(2026, 5, 1, tzinfo=UTC)


def _event(number: int, topic: str, key: str) -> Event:
    return Event(topic, f"e{number}", "t", "/s", "x", key, AT, {})


events = st.lists(
    st.tuples(st.sampled_from(["a", "b", "unknown"]), st.sampled_from("XYZ")), max_size=20
).map(lambda pairs: [_event(n, topic, key) for n, (topic, key) in enumerate(pairs)])


class Consumer:
    """Fails, refuses or accepts events as configured, and remembers them."""

    def __init__(self, outcomes: dict[str, Outcome]) -> None:
        self.outcomes = outcomes
        self.seen: list[Event] = []

    def __call__(self, events: Sequence[Event]) -> list[Delivery]:
        """Answer one delivery an event."""
        self.seen += events
        return [Delivery(self.outcomes.get(event.id, Outcome.DELIVERED)) for event in events]


@given(events, st.dictionaries(st.integers(0, 19).map(lambda n: f"e{n}"), st.sampled_from(Outcome)))
def test_a_key_keeps_its_order_and_waits_for_what_failed(
    sent: list[Event], chance: dict[str, Outcome]
) -> None:
    """A sender's payments are scored in the order in which they came."""
    outcomes: dict[str, Outcome] = {k: v for k, v in chance.items() if v is not Outcome.HELD}
    consumer = Consumer(outcomes)

    answers = DirectPublisher({"a": consumer, "b": consumer}).publish(sent)

    for topic in "ab":
        for key in "XYZ":
            mine = [event for event in sent if (event.topic, event.key) == (topic, key)]
            seen = [e for e in consumer.seen if (e.topic, e.key) == (topic, key)]
            failed = [n for n, e in enumerate(mine) if outcomes.get(e.id) is Outcome.FAILED]
            assert seen == mine[: failed[0] + 1 if failed else None]
    held = {e.id for e, answer in zip(sent, answers, strict=True) if answer.outcome is Outcome.HELD}
    assert held.isdisjoint(event.id for event in consumer.seen)
    assert len(consumer.seen) + len(held) == sum(event.topic != "unknown" for event in sent)


@given(events)
def test_an_event_of_a_topic_without_a_consumer_is_done(sent: list[Event]) -> None:
    """Without a broker an event without consumer is not stored."""
    answers = DirectPublisher({}).publish(sent)

    assert {answer.outcome for answer in answers} <= {Outcome.DELIVERED}
    assert len(answers) == len(sent)
