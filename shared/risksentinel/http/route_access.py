"""ROUTE_ACCESS: the right that each route requires; a route without an entry cannot be served."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from risksentinel.domain.access import Right


class Open(Enum):
    """Routes that require no right of a principal; those of AUTHENTICATED require a principal."""

    EVERYBODY = "everybody"  # probes, documentation
    EVENTS = "events"  # events of the broker: their sender is authenticated
    AUTHENTICATED = "authenticated"  # every caller with valid credentials


Access = Right | Open

Routes = Mapping[str, Mapping[str, Access]]  # by route as registered, then by method

_PROBES: Final = {"GET": Open.EVERYBODY}
ROUTE_ACCESS: Final[Routes] = MappingProxyType(
    {
        "/": {"GET": Open.EVERYBODY, "POST": Open.EVENTS},
        "/outbox/sweep": {"POST": Open.EVENTS},
        "/metrics": _PROBES,
        "/health": _PROBES,
        "/health/liveness": _PROBES,
        "/health/readiness": _PROBES,
        "/api/v1/health": _PROBES,
        "/api/v1/health/liveness": _PROBES,
        "/api/v1/health/readiness": _PROBES,
        "/openapi.json": _PROBES,
        "/api/v1/openapi.json": _PROBES,
        "/docs": _PROBES,
        "/docs/start.js": _PROBES,
        "/docs/assets/<path:name>": _PROBES,
        "/redoc": _PROBES,
        "/redoc/start.js": _PROBES,
        "/redoc/assets/<path:name>": _PROBES,
        "/sign-in": _PROBES,
        "/sign-in/callback": _PROBES,
        "/sign-in/once/<token>": _PROBES,
        "/sign-out": {"POST": Open.EVERYBODY},
        "/api/v1/session": {"GET": Open.AUTHENTICATED},
        "/api/v1/transactions": {"GET": Right.READ_PAYMENTS, "POST": Right.SUBMIT_PAYMENTS},
        "/api/v1/revisions": {"GET": Right.READ_PAYMENTS},
        "/api/v1/transactions/batch": {"POST": Right.SUBMIT_PAYMENTS},
        "/api/v1/transactions/events": {"POST": Right.SUBMIT_PAYMENTS},
        "/api/v1/transactions/<transaction_id>": {"GET": Right.READ_PAYMENTS},
        "/api/v1/transactions/<transaction_id>/score": {"GET": Right.READ_PAYMENTS},
        "/api/v1/transactions/<transaction_id>/label": {"POST": Right.WRITE_LABELS},
        "/api/v1/dashboard/summary": {"GET": Right.READ_PAYMENTS},
        "/api/v1/dashboard/risk-trend": {"GET": Right.READ_PAYMENTS},
        "/api/v1/alerts": {"GET": Right.READ_ALERTS},
        "/api/v1/alerts/<alert_id>": {"GET": Right.READ_ALERTS, "PATCH": Right.WRITE_ALERTS},
        "/api/v1/reports": {"GET": Right.READ_ALERTS},
        "/api/v1/reports/<report_id>": {"GET": Right.READ_ALERTS, "PATCH": Right.WRITE_ALERTS},
        "/api/v1/rules": {"GET": Right.READ_RULES, "POST": Right.WRITE_RULES},
        "/api/v1/rules/vocabulary": {"GET": Right.READ_RULES},
        "/api/v1/rules/try": {"POST": Right.READ_RULES},
        "/api/v1/rules/performance": {"GET": Right.READ_RULES},
        "/api/v1/rules/<rule_id>/performance": {"GET": Right.READ_RULES},
        "/api/v1/rules/<rule_id>": {
            "GET": Right.READ_RULES,
            "PUT": Right.WRITE_RULES,
            "PATCH": Right.WRITE_RULES,
            "DELETE": Right.WRITE_RULES,
        },
        "/api/v1/rules/<rule_id>/stop": {"POST": Right.STOP_RULES},
        "/api/v1/proposals": {"GET": Right.READ_RULES},
        "/api/v1/proposals/<proposal_id>": {"GET": Right.READ_RULES},
        "/api/v1/proposals/<proposal_id>/entries": {"GET": Right.READ_ACCOUNTS},
        "/api/v1/proposals/<proposal_id>/approve": {"POST": Right.APPROVE},
        "/api/v1/proposals/<proposal_id>/refuse": {"POST": Right.APPROVE},
        "/api/v1/proposals/<proposal_id>/withdraw": {"POST": Right.WRITE_RULES},
        "/api/v1/policies": {"GET": Right.READ_RULES, "POST": Right.WRITE_RULES},
        "/api/v1/policies/live": {"GET": Right.READ_RULES},
        "/api/v1/policies/rollback": {"POST": Right.WRITE_RULES},
        "/api/v1/policies/<int:number>": {
            "GET": Right.READ_RULES,
            "PUT": Right.WRITE_RULES,
            "DELETE": Right.WRITE_RULES,
        },
        "/api/v1/policies/<int:number>/diff": {"GET": Right.READ_RULES},
        "/api/v1/policies/<int:number>/rebase": {"POST": Right.WRITE_RULES},
        "/api/v1/policies/<int:number>/shadow": {
            "POST": Right.WRITE_RULES,
            "DELETE": Right.WRITE_RULES,
        },
        "/api/v1/policies/<int:number>/comparison": {"GET": Right.READ_RULES},
        "/api/v1/policies/<int:number>/promote": {"POST": Right.WRITE_RULES},
        "/api/v1/lists": {"GET": Right.READ_RULES, "POST": Right.WRITE_RULES},
        "/api/v1/lists/<name>": {"GET": Right.READ_RULES, "DELETE": Right.WRITE_RULES},
        "/api/v1/lists/<name>/entries": {"GET": Right.READ_RULES, "POST": Right.WRITE_RULES},
        "/api/v1/lists/<name>/entries/<path:value>": {
            "PUT": Right.WRITE_RULES,
            "DELETE": Right.WRITE_RULES,
        },
        "/api/v1/lists/<name>/import": {"POST": Right.WRITE_RULES},
        "/api/v1/lists/<name>/export": {"GET": Right.READ_ACCOUNTS},
        "/api/v1/ledger/entries": {"GET": Right.READ_LEDGER},
        "/api/v1/ledger/proof/<entry_id>": {"GET": Right.READ_LEDGER},
        "/api/v1/ledger/head": {"GET": Right.READ_LEDGER},
    }
)
