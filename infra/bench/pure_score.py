"""score(facts) with twenty rules: the pure part, without input or output."""

from datetime import timedelta
from itertools import islice
from time import perf_counter

from rich.console import Console

from infra.bench.figures import BEGIN, microseconds, payments, percentile, print_table
from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.system_clock import new_id
from risksentinel.payment_formats.payment_document import document
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score

PAYMENTS = 20_000
RULES = 20


def run(console: Console) -> None:
    """Print the time of one score and of the evaluation of its rules."""
    now, policy, rules = (
        BEGIN + timedelta(days=9),
        Policy(max_lateness_seconds=None),
        ActiveRules.of(twenty_rules()),
    )
    batch = [document(one).transaction(new_id, now) for one in payments(PAYMENTS)]
    snapshots = MemoryHistory(timedelta(seconds=300)).record(batch)
    taken, tested = [], []
    for payment, snapshot in zip(batch, snapshots, strict=True):
        facts = Facts(payment, snapshot, rules)
        began = perf_counter()
        score(facts, policy, now)
        taken.append(perf_counter() - began)
        observation = Facts(payment, snapshot, rules).observation
        began = perf_counter()
        for rule in rules:
            rule.test(observation)
        tested.append(perf_counter() - began)
    rows = [
        {
            "stage": name,
            "p50": microseconds(percentile(t, 0.5)),
            "p99": microseconds(percentile(t, 0.99)),
        }
        for name, t in (("score(facts), twenty rules", taken), ("of it, the twenty rules", tested))
    ]
    print_table(console, f"Pure scoring, {PAYMENTS:,} payments", rows)


def twenty_rules() -> list[Rule]:
    """Return the first twenty default rules."""
    named = islice(DEFAULT_RULES.items(), RULES)
    return [
        parse_rule(
            document, rule_id=f"{rule_id}-{n}", version=1, created_at=BEGIN, updated_at=BEGIN
        )
        for n, (rule_id, document) in enumerate(named)
    ]
