"""Versions of the policy on both databases: one is live, it is what decides, and it can return."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, update

from risksentinel.adapters.sql.append_only import unguarded
from risksentinel.adapters.sql.carried_entries import carry_entries
from risksentinel.adapters.sql.engine import open_engine, writing
from risksentinel.adapters.sql.months import SqlMonths
from risksentinel.adapters.sql.rule_book import SqlRuleBook
from risksentinel.adapters.sql.tables import audit_log, policy_versions
from risksentinel.domain.policy_version import PolicyState
from risksentinel.errors import Conflict, Misconfigured, RiskSentinelError, StaleVersion
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.policy_diff import is_same
from tests.adapters.sql.rule_books import Watch
from tests.usecases.four_eyes import NOW, RULE
from tests.usecases.policy_bench import OWN, Versions


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on a migrated database."""
    engine = open_engine(request.getfixturevalue(f"{request.param}_url"))
    yield engine
    engine.dispose()


@pytest.fixture
def versions(shared: Engine) -> Versions:
    """An empty database after the first start."""
    found = Versions(shared)
    found.start()
    return found


def test_the_first_start_makes_version_1_of_the_settings(versions: Versions) -> None:
    """From then on the database decides, not the settings of a process."""
    assert versions.live().number == 1
    assert SqlRuleBook(versions.engine, Watch(), Policy(high=Decimal("0.5"))).edition().policy == (
        replace(OWN, version=1)
    )


def test_every_change_of_a_rule_is_a_version(versions: Versions) -> None:
    """A receipt names one version, and so every rule."""
    rule = versions.cases.write_rule.create(RULE, "thandi")
    live = versions.live()
    assert (live.number, live.based_on, live.note) == (2, 1, f"rule {rule.id}@1 created")
    assert [each["id"] for each in live.contents["rules"]] == [rule.id]
    versions.cases.write_rule.stop(rule.id, "it declines salaries", "sipho")
    assert versions.live().contents["rules"] == []
    assert versions.entries() == ["1", "2", "3"]


def test_a_promoted_draft_is_in_force_with_its_rules_and_thresholds_at_once(
    versions: Versions,
) -> None:
    """Rules of one version and thresholds of another would be a policy that no person wrote."""
    watch = Watch()
    book = SqlRuleBook(versions.engine, watch, OWN)
    assert book.edition().policy.version == 1
    draft = versions.edited({"high": "0.65"})
    contents = {**draft.contents, "rules": [{"id": "za-new", **RULE}]}
    versions.manage.edit(draft.number, contents, "both", None, "thandi")
    versions.manage.promote(draft.number, "thandi")

    watch.now += timedelta(seconds=1)

    edition = book.edition()
    assert [rule.reference for rule in edition.rules] == ["za-new@1"]
    assert (edition.policy.high, edition.policy.version) == (Decimal("0.65"), draft.number)


def test_a_restart_with_the_same_settings_does_not_undo_a_promotion(versions: Versions) -> None:
    """Pods restart every day."""
    draft = versions.edited({"high": "0.65"})
    versions.manage.promote(draft.number, "thandi")
    versions.start()
    assert versions.live().number == draft.number


def test_changed_settings_of_a_start_change_the_live_version_and_nothing_else(
    versions: Versions,
) -> None:
    """A release changes one threshold, a promotion changed another."""
    versions.manage.promote(versions.edited({"high": "0.65"}).number, "thandi")
    versions.start(replace(OWN, anomaly_z_score=4.0))
    settings = versions.live().contents["settings"]
    assert (settings["high"], settings["anomaly_z_score"]) == ("0.65", 4.0)


def test_a_draft_never_undoes_an_emergency_stop(versions: Versions) -> None:
    """It was made before the stop, and its rules include the stopped one."""
    rule = versions.cases.write_rule.create(RULE, "thandi")
    draft = versions.edited({"high": "0.65"})
    versions.cases.write_rule.stop(rule.id, "it declines salaries", "sipho")
    with pytest.raises(Conflict, match="rebase it"):
        versions.manage.promote(draft.number, "thandi")

    versions.manage.rebase(draft.number, None, "thandi")
    live = versions.manage.promote(draft.number, "thandi")

    assert live.contents["rules"] == []
    assert live.contents["settings"]["high"] == "0.65"


def test_a_rebase_names_what_both_changed(versions: Versions) -> None:
    """The author decides, not the order of two clicks."""
    draft = versions.edited({"high": "0.65"})
    versions.manage.promote(versions.edited({"high": "0.6"}).number, "sipho")
    with pytest.raises(Conflict, match="setting RISK_SCORE_HIGH"):
        versions.manage.rebase(draft.number, None, "thandi")


def test_a_threshold_that_was_changed_in_the_database_is_not_in_force(versions: Versions) -> None:
    """A person with SQL access must not turn declines into approvals."""
    settings = {**versions.live().contents["settings"], "high": "1", "critical": "1"}
    with writing(versions.engine) as connection:
        connection.execute(update(policy_versions).values(settings=settings))
    book = SqlRuleBook(versions.engine, Watch(), OWN)

    assert book.edition().policy.high == OWN.high
    with pytest.raises(Misconfigured, match="differs from the audit log"):
        book.is_whole()


def test_the_live_version_outlives_the_month_of_its_audit_entry(versions: Versions) -> None:
    """The retention of the audit log must not bring other thresholds into force."""
    versions.manage.promote(versions.edited({"high": "0.65"}).number, "thandi")
    later = NOW + timedelta(days=100)
    months = SqlMonths(versions.engine)
    spans = [each for each in months.old("audit_log", later, 1) if each.since <= NOW < each.until]
    carry_entries(versions.engine, spans[0], later)
    with writing(versions.engine) as connection, unguarded(connection):
        connection.execute(delete(audit_log).where(audit_log.c.at < later))
    book = SqlRuleBook(versions.engine, Watch(later), OWN)

    assert book.edition().policy.high == Decimal("0.65")
    book.is_whole()


def test_two_authors_cannot_overwrite_each_other(versions: Versions) -> None:
    """The second one reads again."""
    draft = versions.manage.draft(None, "", "thandi")
    versions.manage.edit(draft.number, draft.contents, "one", draft.revision, "thandi")
    with pytest.raises(StaleVersion, match="read it again"):
        versions.manage.edit(draft.number, draft.contents, "two", draft.revision, "sipho")


def test_one_version_is_in_shadow_at_a_time(versions: Versions) -> None:
    """Each costs every payment a second decision."""
    one, two = versions.edited({"high": "0.65"}), versions.edited({"high": "0.6"})
    versions.manage.shadow(one.number, None, "thandi")
    with pytest.raises(Conflict, match=f"version {one.number} is in shadow"):
        versions.manage.shadow(two.number, None, "thandi")
    versions.manage.end_shadow(one.number, None, "thandi")
    assert versions.manage.shadow(two.number, None, "thandi").state is PolicyState.SHADOW


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "stop", "promote", "rebase", "back", "start"]),
        st.integers(0, 5),
    ),
    max_size=12,
)


@settings(max_examples=15)
@given(STEPS)
def test_one_version_is_live_and_it_is_what_decides(
    shared: Engine, steps: list[tuple[str, int]]
) -> None:
    """After any changes; and a rollback brings the contents of a version back exactly."""
    versions = Versions(shared)
    versions.start()
    drafts = [versions.edited({"high": "0.65"}).number]
    for what, chosen in steps:
        try:
            _do(versions, what, chosen, drafts)
        except RiskSentinelError:
            continue  # refused: nothing may have changed
        live, edition = versions.live(), SqlRuleBook(versions.engine, Watch(), OWN).edition()
        assert versions.all_live() == [live.number]
        assert versions.entries()[-1] == str(live.number)
        assert edition.policy.version == live.number
        assert [rule.reference for rule in edition.rules] == [
            f"{rule['id']}@{rule['version']}" for rule in live.contents["rules"]
        ]
        if what == "back":
            assert live.restored is not None
            assert is_same(live.contents, versions.records.policy(live.restored).contents)


def _do(versions: Versions, what: str, chosen: int, drafts: list[int]) -> None:
    if what == "create":
        versions.cases.write_rule.create({**RULE, "name": f"Rule {chosen}"}, "thandi")
    elif what == "stop":
        rules = versions.live().contents["rules"]
        if rules:
            versions.cases.write_rule.stop(rules[chosen % len(rules)]["id"], "wrong", "sipho")
    elif what == "promote":
        drafts.append(versions.edited({"high": f"0.{70 - chosen}"}).number)
        versions.manage.promote(drafts[chosen % len(drafts)], "thandi")
    elif what == "rebase":
        versions.manage.rebase(drafts[chosen % len(drafts)], None, "thandi")
    elif what == "back":
        versions.manage.roll_back("too many alerts", "sipho", chosen or None)
    else:
        versions.start(replace(OWN, anomaly_z_score=3.0 + chosen))
