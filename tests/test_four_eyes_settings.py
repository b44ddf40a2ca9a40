import pytest

from risksentinel.errors import Misconfigured
from risksentinel.settings import Settings


@pytest.mark.parametrize(
    ("environment", "needs_approval"),
    [
        ({}, False),
        ({"AUTH": "none"}, False),
        ({"AUTH": "keys"}, True),
        ({"AUTH": "keys", "FOUR_EYES": "true"}, True),
        ({"AUTH": "keys", "FOUR_EYES": "false"}, False),
        ({"FOUR_EYES": "false"}, False),
    ],
)
def test_changes_need_approval_where_callers_are_known(
    environment: dict[str, str], *, needs_approval: bool
) -> None:
    """Authentication without approvals must be a choice, not an omission."""
    assert Settings.read(environment).needs_approval is needs_approval


@pytest.mark.parametrize("auth", ["", "none"])
def test_four_eyes_without_known_callers_is_refused(auth: str) -> None:
    """All callers would be one, so that no change could ever be approved."""
    with pytest.raises(Misconfigured, match="FOUR_EYES needs AUTH=keys"):
        Settings.read({"AUTH": auth, "FOUR_EYES": "true"})
