"""NextLive: the step from one live version of the policy to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from risksentinel.domain.policy_version import PolicyOrigin, PolicyState


@dataclass(frozen=True, slots=True)
class NextLive:
    """A new live version with the rules that are active now; `settings` and `model` if they change.

    `leaving` is the state of the version before it from now on.
    """

    origin: PolicyOrigin
    by: str
    at: datetime
    note: str = ""
    settings: Mapping[str, Any] | None = None
    model: str | None = None
    changes_model: bool = False
    promoted_from: int | None = None
    leaving: PolicyState = PolicyState.RETIRED
