"""Dry runs of rules over 50,000 payments: processor time and wall time of each kind of rule.

    python -m infra.bench.rule_trials [POSTGRESQL_URL]

Fills an empty database, on SQLite by default, in one or two minutes.
"""

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, process_time
from typing import Any, Final

from rich.console import Console

from infra.bench.figures import print_table
from infra.bench.scored_payments import score_payments
from risksentinel.assembly.container import Container
from risksentinel.assembly.garbage_collection import rare_collections
from risksentinel.assembly.history import history
from risksentinel.assembly.rule_trials import try_rule
from risksentinel.domain.rule_trial import MAX_PAYMENTS
from risksentinel.migrations.migrate import migrate
from risksentinel.ports.rule_trials import TrialSpan
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.seed import seed
from risksentinel.settings import Settings

_NOW: Final = datetime(2026, 5, 1, tzinfo=UTC)
_SECONDS: Final = 120.0  # so that each rule looks at all payments


def _compare(field: str, operator: str, value: object) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


_CONDITIONS: Final = {
    "amount": _compare("amount_zar", "gte", "5000.00"),
    "channel, amount, receiver new": {
        "all": [
            _compare("channel", "in", ["mobile_banking", "internet_banking"]),
            _compare("amount_zar", "gte", "1000.00"),
            _compare("receiver.is_new_for_sender", "eq", value=True),
        ]
    },
    "channel, amount, window not in receipts": {
        "all": [
            _compare("channel", "eq", "atm"),
            _compare("amount_zar", "gte", "500.00"),
            _compare("sender.count_7d", "gte", 2),
        ]
    },
    "the payment's fields, all payments fire": _compare("amount_zar", "gte", "0.00"),
    "history, no payment excluded": _compare("sender.payment_count", "gte", 3),
}


def main(database: str | None) -> None:
    """Fill the database, and measure each rule twice; the second run is printed."""
    with TemporaryDirectory() as folder, closing(_container(Path(folder), database)) as container:
        migrate(container.settings.database)
        seed(container)
        score_payments(container, history(container), MAX_PAYMENTS)
        with rare_collections():
            rows = [_measured(container, name, when) for name, when in _CONDITIONS.items()]
    print_table(Console(), f"Dry runs over {MAX_PAYMENTS:,} payments", rows)


def _container(home: Path, database: str | None) -> Container:
    named = {} if database is None else {"database_url": database}
    return Container(Settings(risksentinel_home=home, max_lateness_seconds=None, **named))


def _measured(container: Container, name: str, condition: dict[str, Any]) -> dict[str, str]:
    use_case = try_rule(container)
    whole = type(use_case)(use_case.records, use_case.seen, seconds=_SECONDS)
    rule, span = _rule(condition), TrialSpan(None, None, MAX_PAYMENTS)
    whole.over(rule, TrialSpan(None, None, 1_000))
    wall, processor = monotonic(), process_time()
    found = whole.over(rule, span)
    wall, processor = monotonic() - wall, process_time() - processor
    within = use_case.over(rule, span)
    return {
        "rule": name,
        "fired": f"{found.fired:,}",
        "processor": f"{processor:.2f} s",
        "wall": f"{wall:.2f} s",
        f"payments in {use_case.seconds} s": f"{within.payments:,}",
    }


def _rule(condition: dict[str, Any]) -> Rule:
    document = {"name": "x", "condition": condition, "weight": 0.5, "severity": "low"}
    return parse_rule(document, rule_id="x", version=1, created_at=_NOW, updated_at=_NOW)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
