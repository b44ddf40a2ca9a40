"""Who announces: the CloudEvent source of each function."""

from typing import Final

INGEST: Final = "/risksentinel/ingest"
SCORE: Final = "/risksentinel/score"
ALERT_DISPATCH: Final = "/risksentinel/alert-dispatch"
RULES_CRUD: Final = "/risksentinel/rules-crud"
