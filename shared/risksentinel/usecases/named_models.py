"""NamedModels: the version of the model that a policy names is published, and can be served."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from risksentinel.domain.model_choice import MEMBER, named_version
from risksentinel.domain.model_version import Manifest, Pointer
from risksentinel.domain.policy_version import names_version
from risksentinel.domain.proposal import ProposalKind, ProposedChange
from risksentinel.errors import (
    Conflict,
    Malformed,
    Misconfigured,
    NotFound,
    Rejected,
    Unavailable,
    Violation,
)
from risksentinel.ports.model_registry import ModelRegistry
from risksentinel.ports.policies import PolicyRecords

_NO_ACCESS: Final = (
    "this process cannot read the storage of models, so it cannot check the version: {}. "
    "`risksentinel policy` can, where MODEL_URI is set"
)
Refuse = Callable[[Manifest], None]  # raises Malformed for a version that no function serves


@dataclass(frozen=True, slots=True)
class NamedModels:
    """Meets `ports.NamedModels`. A policy that names no version never reads the registry."""

    records: PolicyRecords
    registry: Callable[[], ModelRegistry]
    model_name: str
    refuse_unserved: Refuse

    def chosen(self, model: str | None) -> str | None:
        """The choice with the digest of the version's manifest, as policies are stored.

        Raises:
            Malformed: the version is not published, has another digest, or cannot be served.
            Conflict: this process has no access to the storage of models.
            Unavailable: the storage of models does not answer.
        """
        if not names_version(model):
            return model
        try:
            return self._chosen(str(model))
        except Misconfigured as error:
            raise Conflict(_NO_ACCESS.format(error)) from None

    def _chosen(self, model: str) -> str:
        stated = named_version(model)
        try:
            pointer = self.registry().pointer(self.model_name, stated.version)
            if stated.manifest_sha256 not in {None, pointer.manifest_sha256}:
                raise Malformed(f"version {stated.version} is published with another digest")
            self._refuse_unusable(pointer)
        except NotFound as error:
            raise Malformed([Violation(MEMBER, f"{error}{self._published()}")]) from None
        except Malformed as malformed:
            message = f"version {stated.version} cannot decide: {malformed}"
            raise Malformed([Violation(MEMBER, message)]) from None
        return pointer.choice

    def require(self, number: int) -> None:
        """Return where the model of a version of the policy can be served.

        Raises:
            NotFound: there is no such version of the policy.
            Conflict: its model is not in the registry, has another digest, or cannot be served.
            Unavailable: the storage of models does not answer.
        """
        self._require(number, self.records.policy(number).contents["model"])

    def require_before(self, to: int | None) -> None:
        """The same for a rollback, to the version before the live one where `to` is None.

        A rollback does not wait for the storage: if that does not answer, the model is silent, and
        payments are decided without it and reviewed.
        """
        live = self.records.live()
        target = to if to is not None or live is None else live.based_on
        if target is not None:
            with suppress(Unavailable):
                self.require(target)

    def require_for(self, wanted: ProposedChange) -> None:
        """The same for a proposed change; only changes of versions of the policy have a model."""
        if wanted.kind is ProposalKind.POLICY_PROMOTION:
            self.require(wanted.change["number"])
        elif wanted.kind is ProposalKind.POLICY_ROLLBACK:
            self.require_before(wanted.change["to"])

    def _require(self, number: int, model: str | None) -> None:
        if not names_version(model):
            return
        pointer = Pointer.of(str(model))
        try:
            self._refuse_unusable(pointer)
        except Misconfigured as error:
            raise Conflict(_NO_ACCESS.format(error)) from None
        except Rejected as error:
            raise Conflict(
                f"version {number} of the policy names model {pointer.version}, which cannot "
                f"decide: {error}"
            ) from None

    def _published(self) -> str:
        try:
            known = ", ".join(self.registry().versions(self.model_name)) or "none"
        except Misconfigured:  # the image of rules-crud reads objects, and cannot list them
            return ""
        return f"; published versions of {self.model_name}: {known}"

    def _refuse_unusable(self, pointer: Pointer) -> None:
        self.refuse_unserved(self.registry().artefact(self.model_name, pointer).manifest)
