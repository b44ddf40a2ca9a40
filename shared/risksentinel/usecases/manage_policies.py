"""ManagePolicies: drafts, shadow, promotion and rollback of versions of the policy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from risksentinel.domain.policy_version import PolicyOrigin, PolicyState, PolicyVersion
from risksentinel.errors import Conflict, Malformed, NotFound, StaleVersion
from risksentinel.ports.environment import Clock
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.policies import NamedModels, PolicyLedger, PolicyUnit
from risksentinel.rules.violations import within
from risksentinel.scoring.policy_contents import contents_document, contents_of
from risksentinel.scoring.policy_rebase import rebased
from risksentinel.usecases.follow_policy import SUBJECT
from risksentinel.usecases.promote_policy import live_of, promote, roll_back

UNNUMBERED: Final = 0  # a draft before it is stored


@dataclass(frozen=True, slots=True)
class ManagePolicies:
    """Each method raises NotFound without such a version, and Conflict in the wrong state.

    `expected` is the revision that the caller read; another one raises StaleVersion.
    """

    ledger: PolicyLedger
    clock: Clock
    models: NamedModels

    def draft(
        self, document: Mapping[str, Any] | None, note: str, by: str, of: int | None = None
    ) -> PolicyVersion:
        """Make a draft of the document; without one, of the version `of` or of the live one.

        Raises:
            Malformed: the document is no policy; all violations are listed. Or its model is a
                version that is not published, or that cannot be served.
        """
        now = self.clock()
        contents = None if document is None else self._checked(document, now)
        with self.ledger.unit() as unit:
            live = live_of(unit)
            if contents is None:
                contents = _checked((live if of is None else unit.policy(of)).contents, now)
            draft = PolicyVersion(
                number=UNNUMBERED,
                state=PolicyState.DRAFT,
                origin=PolicyOrigin.DRAFT,
                contents=contents,
                based_on=live.number,
                created_by=by,
                created_at=now,
                changed_by=by,
                changed_at=now,
                note=note,
            )
            stored = unit.add_policy(draft)
            unit.audit([_entry(stored, "created", {"contents": dict(stored.contents)})])
        return stored

    def edit(
        self,
        number: int,
        document: Mapping[str, Any],
        note: str,
        expected: int | None,
        by: str,
    ) -> PolicyVersion:
        """Give a draft other contents. Raises Malformed, as `draft`."""
        contents = self._checked(document, self.clock())
        return self._change(
            number,
            expected,
            lambda version, now: version.edited(contents, note, by, now),
            "edited",
            {"contents": contents},
        )

    def rebase(self, number: int, expected: int | None, by: str) -> PolicyVersion:
        """Make the changes of a draft again on the version that is live now.

        Raises:
            Conflict: both changed the same setting, rule or model; all of them are named.
        """
        now = self.clock()
        with self.ledger.unit() as unit:
            live, draft = live_of(unit), _expected(unit, number, expected)
            if draft.based_on is None:
                raise NotFound(f"version {number} is based on no version")
            base = unit.policy(draft.based_on)
            contents = _checked(rebased(base.contents, draft.contents, live.contents), now)
            changed = draft.edited(contents, draft.note, by, now).on(live.number)
            return _stored(unit, changed, "rebased", {"contents": contents})

    def discard(self, number: int, expected: int | None, by: str) -> PolicyVersion:
        """Give a draft up; it stays readable."""
        return self._change(
            number,
            expected,
            lambda version, now: version.becomes(PolicyState.DISCARDED, by, now),
            "discarded",
            {},
        )

    def shadow(self, number: int, expected: int | None, by: str) -> PolicyVersion:
        """Let a draft decide beside the live version, without effect; one at a time.

        Raises:
            Conflict: another version is in shadow, or the model of this one cannot decide.
        """
        self.models.require(number)
        with self.ledger.unit() as unit:
            other = unit.shadow_policy()
            if other is not None:
                raise Conflict(f"version {other.number} is in shadow: end that first")
            version, now = _expected(unit, number, expected), self.clock()
            return _stored(unit, version.becomes(PolicyState.SHADOW, by, now), "shadow", {})

    def end_shadow(self, number: int, expected: int | None, by: str) -> PolicyVersion:
        """Make a version in shadow a draft again."""

        def ended(version: PolicyVersion, now: datetime) -> PolicyVersion:
            if version.state is not PolicyState.SHADOW:
                raise Conflict(f"version {number} is not in shadow")
            return version.becomes(PolicyState.DRAFT, by, now)

        return self._change(number, expected, ended, "out_of_shadow", {})

    def promote(self, number: int, by: str) -> PolicyVersion:
        """Put a draft, or a version in shadow, in force: rules, settings and model in one commit.

        Raises:
            Conflict: another version became live since the draft was made, or the model of this one
                cannot decide.
        """
        self.models.require(number)
        with self.ledger.unit() as unit:
            return promote(unit, number, by, self.clock())

    def roll_back(self, reason: str, by: str, to: int | None = None) -> PolicyVersion:
        """Put the contents of the version before the live one in force again, or those of `to`.

        Raises:
            Malformed: the reason is empty.
            Conflict: the version `to` was never live, or its model cannot decide any more.
        """
        self.models.require_before(to)
        with self.ledger.unit() as unit:
            return roll_back(unit, to, reason, by, self.clock())

    def _checked(self, document: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        contents = _checked(document, at)
        try:
            return {**contents, "model": self.models.chosen(contents["model"])}
        except Malformed as malformed:
            raise Malformed(within("contents.", malformed)) from None

    def _change(
        self,
        number: int,
        expected: int | None,
        change: Callable[[PolicyVersion, datetime], PolicyVersion],
        what: str,
        details: Mapping[str, Any],
    ) -> PolicyVersion:
        with self.ledger.unit() as unit:
            changed = change(_expected(unit, number, expected), self.clock())
            return _stored(unit, changed, what, details)


def _checked(document: object, at: datetime) -> dict[str, Any]:
    try:
        found = contents_document(contents_of(document, at))
    except Malformed as malformed:
        raise Malformed(within("contents.", malformed)) from None
    del found["lists"]  # the rules name them
    return found


def _expected(unit: PolicyUnit, number: int, expected: int | None) -> PolicyVersion:
    version = unit.policy(number)
    if expected is not None and expected != version.revision:
        raise StaleVersion(f"the version is at revision {version.revision} now: read it again")
    return version


def _stored(
    unit: PolicyUnit, changed: PolicyVersion, what: str, details: Mapping[str, Any]
) -> PolicyVersion:
    unit.change_policy(changed)
    unit.audit([_entry(changed, what, details)])
    return changed


def _entry(version: PolicyVersion, what: str, details: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(
        at=version.changed_at,
        actor=version.changed_by,
        action=f"policy.{what}",
        subject_kind=SUBJECT,
        subject_id=str(version.number),
        details={"revision": version.revision, "note": version.note, **details},
    )
