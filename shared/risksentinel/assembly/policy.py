"""The policy of the settings, which a process must not use before its approval."""

from typing import TYPE_CHECKING

from risksentinel.adapters.sql.policies import stated_policy
from risksentinel.assembly.container import Container, built_once
from risksentinel.scoring.policy_document import digest_of, policy_document

if TYPE_CHECKING:
    from risksentinel.usecases.require_policy import RequirePolicy


@built_once
def check_policy(container: Container) -> None:
    """Return where this process may score by the policy of its settings; once per process.

    Raises:
        Misconfigured: the policy is not in force, and its change is not approved.
    """
    # Nearly every start finds the policy in force: it pays for one query and these few imports.
    policy = container.settings.policy
    if stated_policy(container.engine) != digest_of(policy_document(policy)):
        require_policy(container)(policy)


def require_policy(container: Container) -> "RequirePolicy":
    """The use case that records policies and proposes them."""
    from risksentinel.assembly.rule_changes import proposal_ledger  # noqa: PLC0415
    from risksentinel.usecases.require_policy import RequirePolicy  # noqa: PLC0415

    settings, ledger = container.settings, proposal_ledger(container)
    return RequirePolicy(ledger, container.clock, container.new_id, settings.needs_approval)
