"""The CloudEvent source of each function that publishes events."""

from typing import Final

INGEST: Final = "/risksentinel/ingest"
SCORE: Final = "/risksentinel/score"
ALERT_DISPATCH: Final = "/risksentinel/alert-dispatch"
RULES_CRUD: Final = "/risksentinel/rules-crud"
