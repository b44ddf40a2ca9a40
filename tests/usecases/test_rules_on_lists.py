from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from typing_extensions import override

from risksentinel.domain.named_list import Entry, Memberships
from risksentinel.domain.signal import Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.ports.ledger import Ledger
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.scoring.policy import Policy
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.gather_facts import Scoring
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import FixedLists, FixedModel, FixedRules, SwitchedHistory
from tests.strategies import NOW
from tests.usecases.payments import paid


def on_list(*, opposite: bool = False) -> Rule:
    """A rule about receivers on the list of mules, or about all the others."""
    listed = {"field": "receiver_id", "operator": "in_list", "value": "mule"}
    document = {
        "name": "mules",
        "condition": {"not": listed} if opposite else listed,
        "weight": 0.9,
        "severity": "high",
    }
    return parse_rule(document, rule_id="r", version=1, created_at=NOW, updated_at=NOW)


@dataclass
class AskedLists(FixedLists):
    """Lists that remember the requested names."""

    names: list[set[str]] = field(default_factory=list)

    @override
    def matches(
        self, batch: Sequence[Transaction], names: Collection[str]
    ) -> list[Memberships | Silent]:
        self.names.append(set(names))
        return super().matches(batch, names)


Scored = Callable[..., dict[str, Any]]


@pytest.fixture
def scored(ledger: Ledger, new_id: Callable[[], str]) -> Scored:
    """The rules signal of a payment, with these rules and lists."""

    def rules_signal(rules: list[Rule], lists: FixedLists) -> dict[str, Any]:
        meter = RememberingMeter()
        scoring = Scoring(
            FixedRules(rules), SwitchedHistory(), FixedModel(), Policy(), meter, lists
        )
        decide = DecidePayments(scoring)
        score = ScoreTransactions(decide, ledger, lambda: NOW, new_id)
        (answer,) = score([paid(new_id())], "/test", {})
        assert isinstance(answer, StoredVerdict)
        said = answer.scored.verdict.explanation["signals"]["rules"]
        return {"status": said["status"], **said["details"]}

    return rules_signal


def test_a_listed_receiver_fires_the_rule_and_the_receipt_says_why(scored: Scored) -> None:
    """An analyst needs the author and the reason of the entry."""
    entry = Entry("B", "case 7", "thandi", NOW)

    said = scored([on_list()], FixedLists(Memberships(("mule",), ("b",), {("mule", "b"): entry})))

    assert said["fired"][0]["listed"] == [
        {"list": "mule", "field": "receiver_id", "reason": "case 7", "author": "thandi"}
    ]


def test_who_is_on_no_list_fires_the_opposite(scored: Scored) -> None:
    """The negation of a known value is known."""
    said = scored([on_list(), on_list(opposite=True)], FixedLists())

    assert len(said["fired"]) == 1
    assert said["undetermined"] == []


def test_lists_that_are_silent_silence_the_rules_that_need_them(scored: Scored) -> None:
    """A blocked account must not pass as harmless while the database is unavailable."""
    said = scored([on_list()], FixedLists(Silent("the lists could not be read")))

    assert (said["status"], said["undetermined"]) == ("silent", ["r@1"])


def test_only_lists_that_rules_use_are_asked_for(scored: Scored) -> None:
    """A process without such rules loads nothing."""
    lists = AskedLists()

    scored([], lists)
    scored([on_list()], lists)

    assert lists.names == [{"mule"}]
