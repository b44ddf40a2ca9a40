"""The rules in force, as scoring reads them."""

from collections.abc import Mapping

from risksentinel.adapters.sql.rule_book import SqlRuleBook
from risksentinel.assembly.container import Container, built_once
from risksentinel.http.health import Check


@built_once
def rule_book(container: Container) -> SqlRuleBook:
    """The active rules, cached."""
    return SqlRuleBook(container.engine, container.clock)


def rule_checks(container: Container) -> Mapping[str, Check]:
    """The optional check that every active rule can be read."""
    return {"rules": rule_book(container).is_whole}
