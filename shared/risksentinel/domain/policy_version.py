"""PolicyVersion: one numbered version of everything that decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from risksentinel.errors import Conflict, Malformed, Violation
from risksentinel.text.characters import FORBIDDEN_CHARACTERS

MAX_NOTE: Final = 500  # characters
PROMOTED: Final = "promoted"  # the model of a policy: the one that is promoted at the time


class PolicyState(StrEnum):
    """Where a version stands. Exactly one is live."""

    DRAFT = "draft"
    SHADOW = "shadow"  # it decides beside the live one, without effect
    LIVE = "live"
    RETIRED = "retired"  # it was live
    ROLLED_BACK = "rolled_back"  # it was live, and an earlier one took its place
    DISCARDED = "discarded"


class PolicyOrigin(StrEnum):
    """What made a version."""

    START = "start"  # the first start, or a start with changed settings
    RULE = "rule"  # a change of one rule
    PROMOTION = "promotion"
    ROLLBACK = "rollback"
    DRAFT = "draft"


_NEXT: Final[Mapping[PolicyState, frozenset[PolicyState]]] = {
    PolicyState.DRAFT: frozenset(
        {PolicyState.SHADOW, PolicyState.LIVE, PolicyState.DISCARDED, PolicyState.DRAFT}
    ),
    PolicyState.SHADOW: frozenset({PolicyState.DRAFT, PolicyState.LIVE, PolicyState.DISCARDED}),
    PolicyState.LIVE: frozenset({PolicyState.RETIRED, PolicyState.ROLLED_BACK}),
}


def names_version(model: str | None) -> bool:
    """Return whether the model of a policy is one version of it: see domain/model_choice.py."""
    return model is not None and model != PROMOTED


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """`contents` is the document of `scoring.policy_contents`; `revision` is its ETag.

    `based_on` is the version that was live when this one was made, `restored` the earlier version
    whose contents a rollback brought back.
    """

    number: int
    state: PolicyState
    origin: PolicyOrigin
    contents: Mapping[str, Any] = field(hash=False)
    based_on: int | None
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime
    note: str = ""
    restored: int | None = None
    revision: int = 1

    def __post_init__(self) -> None:
        if len(self.note) > MAX_NOTE or FORBIDDEN_CHARACTERS.search(self.note):
            message = f"must have at most {MAX_NOTE} characters, none of them a control character"
            raise Malformed([Violation("note", message)])

    def becomes(self, state: PolicyState, by: str, at: datetime) -> "PolicyVersion":
        """Return the version in another state. Raises Conflict where it cannot become that."""
        if state not in _NEXT.get(self.state, frozenset()):
            raise Conflict(f"version {self.number} is {self.state.value}: it cannot become {state}")
        return replace(self, state=state, changed_by=by, changed_at=at, revision=self.revision + 1)

    def on(self, live: int) -> "PolicyVersion":
        """Return the draft based on another live version."""
        return replace(self, based_on=live)

    def edited(
        self, contents: Mapping[str, Any], note: str, by: str, at: datetime
    ) -> "PolicyVersion":
        """Return the draft with other contents. Raises Conflict for a version that is no draft."""
        if self.state is not PolicyState.DRAFT:
            raise Conflict(
                f"version {self.number} is {self.state.value}: only a draft can be changed, make "
                "a new one from it"
            )
        return replace(self.becomes(PolicyState.DRAFT, by, at), contents=contents, note=note)
