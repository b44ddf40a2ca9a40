"""The tables, as the newest migration defines them.

On PostgreSQL transactions, risk_scores and audit_log are partitioned by month: see `months.py`. No
foreign key connects them, nor an alert: the claim of a payment decides which rows belong together,
one unit writes them, and they are dropped with their month.
"""

from typing import Final

from risksentinel.adapters.sql.tables.api_keys import api_keys
from risksentinel.adapters.sql.tables.audit import audit_log
from risksentinel.adapters.sql.tables.cases import (
    alert_deliveries,
    alerts,
    labels,
    statutory_reports,
)
from risksentinel.adapters.sql.tables.events import dead_letters, outbox
from risksentinel.adapters.sql.tables.ledger import (
    account_keys,
    ledger_heads,
    ledger_leaves,
    ledger_state,
    ledger_tiles,
)
from risksentinel.adapters.sql.tables.lists import list_book, list_entries, lists
from risksentinel.adapters.sql.tables.metadata import metadata
from risksentinel.adapters.sql.tables.payments import (
    hourly_figures,
    risk_scores,
    transaction_claims,
    transactions,
)
from risksentinel.adapters.sql.tables.policy_versions import policy_versions
from risksentinel.adapters.sql.tables.proposals import policies, proposals
from risksentinel.adapters.sql.tables.revisions import revisions
from risksentinel.adapters.sql.tables.rules import (
    decision_bases,
    fraud_rule_versions,
    fraud_rules,
    rule_book,
    rule_figures,
)
from risksentinel.adapters.sql.tables.sessions import sessions
from risksentinel.adapters.sql.tables.shadow_decisions import shadow_decisions

REVISION: Final = "0018"  # the newest migration that this release needs

__all__ = [
    "REVISION",
    "account_keys",
    "alert_deliveries",
    "alerts",
    "api_keys",
    "audit_log",
    "dead_letters",
    "decision_bases",
    "fraud_rule_versions",
    "fraud_rules",
    "hourly_figures",
    "labels",
    "ledger_heads",
    "ledger_leaves",
    "ledger_state",
    "ledger_tiles",
    "list_book",
    "list_entries",
    "lists",
    "metadata",
    "outbox",
    "policies",
    "policy_versions",
    "proposals",
    "revisions",
    "risk_scores",
    "rule_book",
    "rule_figures",
    "sessions",
    "shadow_decisions",
    "statutory_reports",
    "transaction_claims",
    "transactions",
]
