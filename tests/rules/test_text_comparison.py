from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.money import Money
from risksentinel.domain.named_list import Entry, Memberships, fold, listable_texts
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.errors import Malformed
from risksentinel.rules.comparison import read_comparison
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.kinds import FieldKind
from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import lists_used
from tests.rules.conditions import WRITTEN, compare, observations, rule_when, words

BET = Transaction("t-1", "Acc-1", "Shop-1", Money.of_cents(1), Channel.POS, WRITTEN)
SPELLINGS = ["gambling", "Gambling", "GAMBLING", "gambling ", "\tgambling"]


def seen(category: str, condition: dict[str, object], lists: Memberships | None = None) -> object:
    """Return the result of the condition for a payment with this merchant category."""
    payment = replace(BET, merchant_category=category)
    observation = Observation(payment, None, lists or Memberships())
    return read_comparison(condition).test(observation)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("eq", "gambling"),
        ("in", ["betting", " GAMBLING"]),
        ("contains", "MBL"),
        ("starts_with", "Gamb"),
        ("ends_with", "LING "),
    ],
)
def test_text_compares_without_case_and_blanks_unless_exact(operator: str, value: object) -> None:
    """Another spelling of a category must not bypass a rule."""
    folded = compare("merchant_category", operator, value)
    exact = {**folded, "exact": True}

    fires = [seen(spelling, folded) for spelling in SPELLINGS]
    fires_exactly = [seen(spelling, exact) for spelling in SPELLINGS]

    assert all(fires)
    assert not all(fires_exactly)


def test_the_opposites_fold_too() -> None:
    """`ne` and `not_in` must not fire on another spelling of the same text."""
    opposites = [
        compare("merchant_category", "ne", "gambling"),
        compare("merchant_category", "not_in", ["gambling"]),
    ]

    assert [seen("Gambling ", each) for each in opposites] == [False, False]
    assert [seen("Gambling ", {**each, "exact": True}) for each in opposites] == [True, True]


def test_a_pattern_stays_exact() -> None:
    """A pattern is case-insensitive only with (?i)."""
    assert seen("BET", compare("merchant_category", "regex", "bet")) is False
    assert seen("BET", compare("merchant_category", "regex", "(?i)bet")) is True


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [
        ("amount_zar", "eq", 1),
        ("channel", "eq", "pos"),
        ("merchant_category", "regex", "a"),
        ("merchant_category", "exists", True),
    ],
)
def test_exact_is_refused_where_nothing_is_folded(field: str, operator: str, value: object) -> None:
    """A key that has no effect must be refused."""
    with pytest.raises(Malformed) as refused:
        read_comparison({**compare(field, operator, value), "exact": True})

    assert [violation.path for violation in refused.value.violations] == [".exact"]
    assert "in_list" in str(refused.value)


@pytest.mark.parametrize(
    ("operator", "value"), [("eq", "  "), ("contains", "\u00a0"), ("in", ["a", " "])]
)
def test_blanks_alone_are_refused_unless_exact(operator: str, value: object) -> None:
    """The folded form of blanks is contained in every text."""
    blank = compare("merchant_category", operator, value)

    with pytest.raises(Malformed) as refused:
        read_comparison(blank)

    assert '"exact": true' in str(refused.value)
    assert read_comparison({**blank, "exact": True}).document == {**blank, "exact": True}


def test_exact_must_be_true_or_false_and_false_is_omitted() -> None:
    """Each condition must have one canonical JSON form."""
    equal = compare("sender_id", "eq", "A")

    with pytest.raises(Malformed, match=r"\.exact: must be true or false"):
        read_comparison({**equal, "exact": "yes"})

    assert read_comparison({**equal, "exact": False}).document == equal


ON_THE_LIST = Memberships(
    ("mule",), ("gambling",), {("mule", "gambling"): Entry("Gambling", "", "a", WRITTEN)}
)


def test_a_listed_text_is_found_in_any_spelling_and_exactly_in_one() -> None:
    """Account numbers from different systems may differ in case."""
    listed = compare("merchant_category", "in_list", "mule")

    assert [seen(text, listed, ON_THE_LIST) for text in SPELLINGS[:3]] == [True, True, True]
    assert [seen(text, {**listed, "exact": True}, ON_THE_LIST) for text in SPELLINGS[:3]] == [
        False,
        True,
        False,
    ]


def test_a_list_that_was_not_looked_up_is_unknown() -> None:
    """A misspelt name or an unavailable database must not mean "not on the list"."""
    listed = compare("merchant_category", "in_list", "block")
    unsure = Memberships(("block",), ("gambling",), {("block", "gambling"): None})

    answers = [
        seen("gambling", listed),
        seen("gambling", listed, ON_THE_LIST),
        seen("gambling", listed, unsure),
        seen("gambling", listed, Memberships(("block",), ("other",))),
        seen("gambling", listed, Memberships(("block",), ("gambling",))),
    ]

    assert answers == [None, None, None, None, False]


def test_not_in_a_list_is_the_opposite_and_unknown_stays_unknown() -> None:
    """There is no operator for absence: a negation expresses it."""
    not_listed = rule_when({"not": compare("merchant_category", "in_list", "mule")})
    payment = replace(BET, merchant_category="gambling")
    nothing = Memberships(("mule",), ("gambling",))

    answers = [
        not_listed.test(Observation(payment, None, lists))
        for lists in (ON_THE_LIST, nothing, Memberships())
    ]

    assert answers == [False, True, None]


@pytest.mark.parametrize("name", ["", "Mule", "a list", "../x", "a" * 65, 7])
def test_invalid_list_names_are_refused(name: object) -> None:
    """A rule with an invalid list name would never fire."""
    with pytest.raises(Malformed, match=r"\.value: must be the name of a list"):
        read_comparison(compare("sender_id", "in_list", name))


def test_a_list_is_for_fields_of_text() -> None:
    """Channels have few values, and amounts are not texts."""
    with pytest.raises(Malformed, match="in_list does not apply to channel"):
        read_comparison(compare("channel", "in_list", "mule"))


def test_a_rule_has_the_names_of_its_lists() -> None:
    """A process loads only these lists, and a list in use cannot be deleted."""
    rule = rule_when(
        {
            "any": [
                {"all": [compare("sender_id", "in_list", "mule"), compare("channel", "eq", "pos")]},
                {"not": compare("receiver_id", "in_list", "allow")},
                compare("receiver_id", "in_list", "mule"),
            ]
        }
    )

    assert lists_used(rule) == ("mule", "allow")
    assert lists_used(rule_when(compare("channel", "eq", "pos"))) == ()


@given(observations)
def test_every_text_field_is_looked_up_on_lists(observation: Observation) -> None:
    """A new text field that is not looked up would be unknown on every list."""
    texts = listable_texts(observation.transaction)

    read = [field.read(observation) for field in FIELDS.values() if field.kind is FieldKind.TEXT]

    assert set(read) <= {*texts, None}


@given(words, st.sampled_from(["", " ", "\u00a0", "\t"]))
def test_folding_twice_is_folding_once(text: str, blank: str) -> None:
    """The database stores folded texts, which are folded again at lookup."""
    assert fold(fold(text)) == fold(text) == fold(blank + text + blank)
