"""The rules in force, as scoring reads them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from risksentinel.assembly.code_digest import code_digest
from risksentinel.assembly.container import Container, built_once
from risksentinel.http.health import Check
from risksentinel.scoring.policy import Policy

if TYPE_CHECKING:
    from risksentinel.adapters.sql.rule_book import SqlRuleBook


@built_once
def rule_book(container: Container) -> "SqlRuleBook":
    """The rules and the policy in force, cached."""
    from risksentinel.adapters.sql.rule_book import SqlRuleBook  # noqa: PLC0415 - 19 ms of dashboard

    return SqlRuleBook(container.engine, container.clock, own_policy(container))


def own_policy(container: Container) -> Policy:
    """The policy of this process's settings, with the digest of its code."""
    return replace(container.settings.policy, code=code_digest())


def rule_checks(container: Container) -> Mapping[str, Check]:
    """The optional check that every active rule can be read; opens the database now."""
    _ = container.engine  # a missing migration fails the wiring, not only the check
    return {"rules": lambda: rule_book(container).is_whole()}
