"""Masks account numbers in a response, for callers without the right to read them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

MASK: Final = "****"
SHOWN: Final = 4  # the last characters of an account number
MIN_LENGTH: Final = 8  # a shorter account number is masked whole
_ACCOUNTS: Final = ("sender_id", "receiver_id")
# Ids of payments and alerts are parts of paths: they must stay what they are.
_KEPT: Final = frozenset({"id", "transaction_id", "alert_id", "report_id", "rule_id", "device_id"})
_NAMES_A_LIST: Final = frozenset({"in_list", "not_in_list"})


def mask(account: str) -> str:
    """The last four characters after a mask; of a short account number nothing."""
    return MASK + account[-SHOWN:] if len(account) >= MIN_LENGTH else MASK


def masked(document: Any, *, conditions: bool = True) -> Any:  # noqa: ANN401 - JSON is any of seven types
    """The document with masked account numbers, also in the texts beside them, such as reasons.

    Without `conditions` the values of rules' conditions stay.
    """
    return _masked(document, {}, conditions)


def _masked(value: Any, accounts: Mapping[str, str], conditions: bool) -> Any:  # noqa: ANN401, FBT001 - as `masked`
    if isinstance(value, Mapping):
        own = {each: mask(each) for each in _accounts_of(value, conditions)}
        known = {**accounts, **own}
        return {
            name: each if name in _KEPT else _masked(each, known, conditions)
            for name, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_masked(each, accounts, conditions) for each in value]
    if isinstance(value, str) and accounts:
        return _without(value, accounts)
    return value


def _accounts_of(members: Mapping[str, Any], conditions: bool) -> Iterator[str]:  # noqa: FBT001 - as `masked`
    """The account numbers of a payment, an alert, a report, an entry of a list, or a condition."""
    for name in _ACCOUNTS:
        if isinstance(members.get(name), str):
            yield members[name]
    is_entry = "expired" in members or "expires_at" in members  # stored, or proposed
    if is_entry and isinstance(members.get("value"), str):
        yield members["value"]
    is_of_accounts = members.get("field") in _ACCOUNTS
    if is_of_accounts and isinstance(members.get("seen"), str):  # a step of a rule
        yield members["seen"]
    if conditions and is_of_accounts and members.get("operator") not in _NAMES_A_LIST:
        value = members.get("value")
        yield from (each for each in _listed(value) if isinstance(each, str))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _without(text: str, accounts: Mapping[str, str]) -> str:
    # The longest first: an account number may be a part of another one.
    for account in sorted(accounts, key=len, reverse=True):
        if account in text:
            text = _replaced(text, account, accounts[account])
    return text


def _replaced(text: str, account: str, by: str) -> str:
    if len(account) >= MIN_LENGTH:
        return text.replace(account, by)
    # A short account number may be a part of any word, or of a number.
    return re.sub(rf"(?<![A-Za-z0-9.]){re.escape(account)}(?![A-Za-z0-9.])", by, text)
