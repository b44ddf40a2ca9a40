"""The links of the OpenAPI document: operations that take a value of another one's response."""

from collections.abc import Mapping
from typing import Any, Final

_PAYMENT: Final = {"transaction_id": "$response.body#/id"}
_FIRST_PAYMENT: Final = {"transaction_id": "$response.body#/items/0/id"}
_FIRST_ALERT: Final = {"alert_id": "$response.body#/items/0/id"}
_FIRST_REPORT: Final = {"report_id": "$response.body#/items/0/id"}
_RULE: Final = {"rule_id": "$response.body#/id"}
_SAME_RULE: Final = {**_RULE, "header.If-Match": "$response.header.ETag"}
_LIST: Final = {"name": "$response.body#/name"}
_ENTRY: Final = {"name": "$request.path.name", "value": "$response.body#/value"}

# For each operation: the operations that take values of its response, and their parameters.
_LINKS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "post_transactions": {
        "get_transactions_transaction_id": _PAYMENT,
        "get_transactions_transaction_id_score": _PAYMENT,
        "post_transactions_transaction_id_label": _PAYMENT,
    },
    "get_transactions": {
        "get_transactions_transaction_id": _FIRST_PAYMENT,
        "get_transactions_transaction_id_score": _FIRST_PAYMENT,
        "post_transactions_transaction_id_label": _FIRST_PAYMENT,
    },
    "get_alerts": {
        "get_alerts_alert_id": _FIRST_ALERT,
        "patch_alerts_alert_id": _FIRST_ALERT,
    },
    "get_alerts_alert_id": {
        "patch_alerts_alert_id": {
            "alert_id": "$response.body#/id",
            "header.If-Match": "$response.header.ETag",
        },
    },
    "get_reports": {
        "get_reports_report_id": _FIRST_REPORT,
        "patch_reports_report_id": _FIRST_REPORT,
    },
    "get_reports_report_id": {
        "patch_reports_report_id": {
            "report_id": "$response.body#/id",
            "header.If-Match": "$response.header.ETag",
        },
    },
    "post_rules": {
        "get_rules_rule_id": _RULE,
        "get_rules_rule_id_performance": _RULE,
        "put_rules_rule_id": _SAME_RULE,
        "patch_rules_rule_id": _SAME_RULE,
        "delete_rules_rule_id": _SAME_RULE,
    },
    "get_rules_rule_id": {
        "put_rules_rule_id": _SAME_RULE,
        "patch_rules_rule_id": _SAME_RULE,
        "delete_rules_rule_id": _SAME_RULE,
    },
    "post_lists": {
        "get_lists_name": _LIST,
        "delete_lists_name": _LIST,
        "get_lists_name_entries": _LIST,
        "post_lists_name_entries": _LIST,
        "post_lists_name_import": _LIST,
        "get_lists_name_export": _LIST,
    },
    "post_lists_name_entries": {
        "put_lists_name_entries_value": _ENTRY,
        "delete_lists_name_entries_value": _ENTRY,
    },
}


def link(paths: Mapping[str, Mapping[str, Any]]) -> None:
    """Add the links to the successful responses of the operations.

    Raises:
        LookupError: a link names an operation that the document does not have.
    """
    operations = {one["operationId"]: one for item in paths.values() for one in item.values()}
    for name, followers in _LINKS.items():
        missing = followers.keys() - operations.keys()
        if missing:
            raise LookupError(f"{name} has links to unknown operations: {missing}")
        links = {
            each: {"operationId": each, "parameters": parameters}
            for each, parameters in followers.items()
        }
        for status, answer in operations[name]["responses"].items():
            if status.startswith("2"):
                answer["links"] = links
