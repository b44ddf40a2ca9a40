"""PolicyModels: the promoted model, and the versions that policies name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

import structlog

from risksentinel.adapters.models.cached_fraud_model import UNKNOWN, CachedFraudModel
from risksentinel.adapters.models.cached_model import Source
from risksentinel.domain.model_version import ModelArtefact, Pointer
from risksentinel.domain.policy_version import PROMOTED
from risksentinel.domain.signal import Absence, Opinion, Silent
from risksentinel.errors import Malformed, Misconfigured
from risksentinel.ports.opinions import Edition
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy

MAX_VERSIONS: Final = 4  # in memory: of the live policy and the one in shadow, now and before
UNUSED: Final = "unused"  # the status where the live policy gives the model no weight
_NO_VERSION: Final = Silent("the policy names no version of the model", absence=Absence.MISSING)
_log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class OneVersion:
    """Meets `Source` with one version, which never changes."""

    registry: Source
    pointer: Pointer

    def promoted(self, name: str) -> Pointer:  # noqa: ARG002 - of the port
        """The version."""
        return self.pointer

    def artefact(self, name: str, pointer: Pointer) -> ModelArtefact:
        """The version's manifest and model, both verified. Raises NotFound, Malformed."""
        return self.registry.artefact(name, pointer)


class PolicyModels:
    """Meets `ports.FraudModel`.

    A version is loaded beside the payments as soon as the rule book reads a policy that names it,
    in force or in shadow: a version that is promoted from the shadow is loaded already. It is
    released with the second edition of the rule book that does not name it, so that a rollback
    right after a promotion finds it loaded.
    """

    def __init__(
        self,
        promoted: CachedFraudModel,
        open_version: Callable[[Pointer], CachedFraudModel],
        own: Policy,
    ) -> None:
        self._promoted, self._open = promoted, open_version
        self._lock = Lock()
        self._versions: dict[str, CachedFraudModel] = {}
        self._live: Policy = own  # until the first edition
        self._shadow: Policy | None = None
        self._named: frozenset[str] = frozenset()

    def follow(self, edition: Edition) -> None:
        """Load what the edition names, and release what neither it nor the one before it names."""
        shadow = None if edition.shadow is None else edition.shadow.policy
        used = [each for each in (edition.policy, shadow) if each is not None and each.ml_weight]
        named = frozenset(each.model for each in used if each.model != PROMOTED)
        with self._lock:
            self._live, self._shadow = edition.policy, shadow
            released = [choice for choice in self._versions if choice not in named | self._named]
            closed = [self._versions.pop(choice) for choice in released]
            self._named = named
        for each in used:
            found = self._of(each.model)
            if found is not None:
                found.start()
        for version in closed:
            version.close()

    def risks(self, batch: Sequence[Facts], choice: str) -> list[Opinion]:
        """One opinion for each payment, in order."""
        if choice == PROMOTED:
            return self._promoted.risks(batch)
        found = self._of(choice)
        return [_NO_VERSION] * len(batch) if found is None else found.risks(batch)

    def check(self) -> str | None:
        """Whether the models of the live policy and of the one in shadow are in use.

        "ok", "none" where no model is promoted, "unused" where the live policy gives it no weight.

        Raises:
            Misconfigured: one is not in use, with the reason.
        """
        live, shadow = self._in_use(), self._shadow
        if live is None and self._live.ml_weight:
            raise Misconfigured(_NO_VERSION.reason)
        status = UNUSED if live is None else live.check()
        if shadow is not None and shadow.ml_weight and shadow.model != self._live.model:
            challenger = self._of(shadow.model)
            try:
                if challenger is not None:
                    challenger.check()
            except Misconfigured as error:
                raise Misconfigured(f"of the version in shadow: {error}") from None
        return status

    def is_faulty(self) -> bool:
        """Whether the model of the live policy is not in use."""
        live = self._in_use()
        return live.is_faulty() if live is not None else self._live.ml_weight > 0

    def is_in_use(self) -> bool:
        """Whether a model scores payments."""
        live = self._in_use()
        return live is not None and live.is_in_use()

    def score_drift(self) -> float:
        """The population stability index of recent scores of the live policy's model, or NaN."""
        live = self._in_use()
        return UNKNOWN if live is None else live.score_drift()

    def feature_drift(self) -> float:
        """The largest population stability index of a feature of that model, or NaN."""
        live = self._in_use()
        return UNKNOWN if live is None else live.feature_drift()

    def close(self) -> None:
        """Stop polling for new models."""
        with self._lock:
            every = [self._promoted, *self._versions.values()]
        for each in every:
            each.close()

    def _in_use(self) -> CachedFraudModel | None:
        """The model of the live policy; None where it has no weight."""
        live = self._live
        return self._of(live.model) if live.ml_weight else None

    def _of(self, choice: str) -> CachedFraudModel | None:
        """The model; None for a text that names no version."""
        if choice == PROMOTED:
            return self._promoted
        found = self._versions.get(choice)
        return found if found is not None else self._opened(choice)

    def _opened(self, choice: str) -> CachedFraudModel | None:
        try:
            pointer = Pointer.of(choice)
        except Malformed as error:
            _log.error("model.refused", choice=choice, why=str(error))
            return None
        with self._lock:
            found = self._versions.get(choice)
            if found is None:
                found = self._versions[choice] = self._open(pointer)
            closed = [self._versions.pop(each) for each in self._surplus(choice)]
        for version in closed:
            version.close()
        return found

    def _surplus(self, opened: str) -> Iterator[str]:
        """The oldest versions that no policy names, where there are too many."""
        free = [each for each in self._versions if each != opened and each not in self._named]
        yield from free[: max(0, len(self._versions) - MAX_VERSIONS)]
