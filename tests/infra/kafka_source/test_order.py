from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.kafka_source.options import Batching
from risksentinel.adapters.kafka.records import record_of
from risksentinel.adapters.kafka.sender import KafkaSender
from tests.adapters.kafka.topics import event, events_of, make_topic
from tests.infra.kafka_source.function import Delivered, Function, Reply, function
from tests.infra.kafka_source.sources import BRIEF, options, running, until

NUMBERS: Final = count(1)
failures = st.lists(st.sampled_from([500, 503, 409, 404, 422]), max_size=4)
plans = st.lists(st.tuples(st.sampled_from("ABCDEF"), failures), min_size=1, max_size=25)


@dataclass
class Bench:
    """A source that runs for all examples, with its topic and its function."""

    servers: str
    topic: str
    function: Function
    sender: KafkaSender
    scripts: dict[str, list[int]] = field(default_factory=dict)
    dead: int = 0

    def script(self, delivered: Delivered) -> Reply:
        """Return the next failure of the event, and 204 after the last."""
        left = self.scripts[delivered.id]
        return Reply(left.pop(0) if left else 204)


@pytest.fixture(scope="module", params=[1, 7], ids=["singly", "batches"])
def bench(request: pytest.FixtureRequest, servers: str, sender: KafkaSender) -> Iterator[Bench]:
    """One source for all examples, because joining a group takes longer than an example."""
    topic = make_topic(servers, partitions=3, letters=True)
    with function() as there:
        made = Bench(servers, topic, there, sender)
        there.script = made.script
        batching = Batching(request.param, wait=0.005)
        with running(options(servers, topic, there.address, batching=batching)):
            yield made


def deliveries(failed: list[int]) -> tuple[int, bool]:
    """Return how often an event with these failures is delivered, and if it is dead-lettered."""
    attempts = 0
    for made, status in enumerate(failed, start=1):
        if status == 422:
            return made, True
        attempts += status != 503
        if attempts > BRIEF.retries:
            return made, True
    return len(failed) + 1, False


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plans)
def test_a_key_keeps_its_order_whatever_fails(
    bench: Bench, plan: list[tuple[str, list[int]]]
) -> None:
    """A payment is scored only after the sender's earlier ones are done or dead-lettered."""
    sent = [event(next(NUMBERS), bench.topic, key) for key, _ in plan]
    fates = {e.id: deliveries(failed) for e, (_, failed) in zip(sent, plan, strict=True)}
    bench.scripts = {e.id: list(failed) for e, (_, failed) in zip(sent, plan, strict=True)}
    bench.function.seen.clear()
    bench.dead += sum(dies for _, dies in fates.values())

    bench.sender.send([record_of(each) for each in sent])
    until(
        lambda: (
            len(bench.function.ids) == sum(times for times, _ in fates.values())
            and len(events_of(bench.servers, f"{bench.topic}.dlq")) == bench.dead
        ),
        f"{fates}, and not {Counter(bench.function.ids)}",
    )

    expected: dict[str | None, list[str]] = defaultdict(list)
    for each in sent:
        expected[each.key] += [each.id] * fates[each.id][0]
    seen: dict[str | None, list[str]] = defaultdict(list)
    for delivered in bench.function.seen:
        seen[delivered.key].append(delivered.id)
    assert seen == expected
    letters = {letter.id for letter in events_of(bench.servers, f"{bench.topic}.dlq")}
    assert {each.id for each in sent} & letters == {i for i, (_, dies) in fates.items() if dies}


def test_a_partition_is_strictly_in_order_when_events_go_singly(
    servers: str, sender: KafkaSender
) -> None:
    """A retried event blocks its own partition only."""
    topic = make_topic(servers, partitions=2, letters=True)
    keys = {"busy": "key-1", "calm": "key-3"}
    blocked = [True]

    def script(delivered: Delivered) -> Reply:
        return Reply(503 if delivered.key == keys["busy"] and blocked[0] else 204)

    with function(script) as there, running(options(servers, topic, there.address)):
        sent = [event(n, topic, keys["busy"]) for n in range(3)]
        sent += [event(n, topic, keys["calm"]) for n in range(3, 8)]
        sender.send([record_of(each) for each in sent])
        until(lambda: "e7" in there.ids, "the partition that is not held up")
        held_up = set(there.ids)
        blocked[0] = False
        until(lambda: "e2" in there.ids, "the other one")

    partitions = {delivered.key: delivered.partition for delivered in there.seen}
    assert partitions[keys["busy"]] != partitions[keys["calm"]]
    assert {"e1", "e2"}.isdisjoint(held_up)
    assert list(dict.fromkeys(there.partition(partitions[keys["busy"]]))) == ["e0", "e1", "e2"]
