"""DirectPublisher: without a broker, events go directly to the functions that consume them."""

from collections.abc import Callable, Mapping, Sequence

from risksentinel.events.event import Event
from risksentinel.ports.publishing import Delivery, Outcome

DeliverEvents = Callable[[Sequence[Event]], list[Delivery]]  # one delivery for each event

DELIVERED = Delivery(Outcome.DELIVERED)
HELD = Delivery(Outcome.HELD, "an earlier event of its key was not delivered")


class DirectPublisher:
    """Meets `ports.Publisher`: an event without a consumer counts as delivered."""

    def __init__(self, consumers: Mapping[str, DeliverEvents]) -> None:
        self._consumers = consumers

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Deliver in rounds of one event for each key and topic, so that a key keeps its order."""
        answers: list[Delivery] = [DELIVERED] * len(events)
        blocked: set[tuple[str, str]] = set()
        for topic, numbers in _rounds(events):
            free = [n for n in numbers if (topic, events[n].key) not in blocked]
            for number in set(numbers) - set(free):
                answers[number] = HELD
            for number, answer in zip(free, self._deliver(topic, events, free), strict=True):
                answers[number] = answer
                if answer.outcome is Outcome.FAILED:
                    blocked.add((topic, events[number].key))
        return answers

    def _deliver(self, topic: str, events: Sequence[Event], free: Sequence[int]) -> list[Delivery]:
        consumer = self._consumers.get(topic)
        if consumer is None or not free:
            return [DELIVERED] * len(free)
        return consumer([events[number] for number in free])


def _rounds(events: Sequence[Event]) -> list[tuple[str, list[int]]]:
    """Split into (topic, indexes): round r has the r-th event of each key."""
    rounds: dict[tuple[int, str], list[int]] = {}
    seen: dict[tuple[str, str], int] = {}
    for number, event in enumerate(events):
        turn = seen.get((event.topic, event.key), 0)
        seen[event.topic, event.key] = turn + 1
        rounds.setdefault((turn, event.topic), []).append(number)
    return [(topic, numbers) for (_, topic), numbers in sorted(rounds.items())]
