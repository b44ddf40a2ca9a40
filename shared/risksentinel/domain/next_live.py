"""NextLive: the step from one live version of the policy to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from risksentinel.domain.policy_version import PolicyOrigin, PolicyState


@dataclass(frozen=True, slots=True)
class NextLive:
    """A new live version with the active rules; `settings` and `model` where they change.

    `promoted` is the draft that becomes live; None: the live version gets a new number. `leaving`
    is the state of the version before it from now on, `restored` the earlier version whose contents
    return.
    """

    origin: PolicyOrigin
    by: str
    at: datetime
    note: str = ""
    settings: Mapping[str, Any] | None = None
    model: str | None = None
    changes_model: bool = False
    promoted: int | None = None
    restored: int | None = None
    leaving: PolicyState = PolicyState.RETIRED
