"""Model version: published once, never changed, and identified by its digests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isclose
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from risksentinel.domain.model_choice import MARK, MEMBER, named_version
from risksentinel.domain.model_fields import (
    Document,
    Features,
    Figure,
    Moment,
    Name,
    Rising,
    Sha256,
    Share,
    Word,
)
from risksentinel.errors import Malformed, Violation

MODEL_FILE: Final = "model.onnx"  # the file that serving loads; training uses the other files
MAX_OF_A_FILE: Final = 256 * 1024 * 1024
MAX_QUANTILES: Final = 10_001
MAX_EDGES: Final = 100
MIN_WEIGHT: Final = 0.01  # of a learnt weight, so that each signal contributes
MAX_PROMOTIONS: Final = 100
# The audit entries that say which version is promoted.
PROMOTED: Final = "model.promoted"
ROLLED_BACK: Final = "model.rolled_back"
CARRIED: Final = "model.carried"  # written again, because the month of the first one goes
_MAX_OFFSET: Final = (
    14 * 3_600
)  # seconds: the largest offset in use, of Kiribati; no negative offset is larger
_MAX_DELAY: Final = 400 * 86_400


def _with_model(files: Mapping[str, object]) -> Mapping[str, object]:
    if MODEL_FILE not in files:
        raise PydanticCustomError("no_model", f"must list {MODEL_FILE}")
    return files


def _weights(shares: Mapping[str, float]) -> Mapping[str, float]:
    if not isclose(sum(shares.values()), 1.0, abs_tol=1e-6):
        raise PydanticCustomError("whole", "must sum to 1")
    return shares


Weights = Annotated[dict[Word, Annotated[Share, Field(ge=MIN_WEIGHT)]], AfterValidator(_weights)]


class StoredFile(Document):
    """Size and digest of a file."""

    sha256: Sha256
    size: int = Field(ge=0, le=MAX_OF_A_FILE)


class Distribution(Document):
    """The distribution of a feature or score over the training payments: the share of each bin.

    A value is in the first bin whose edge is not below it; the last bin has no edge.
    """

    edges: Annotated[Rising, Field(max_length=MAX_EDGES)]
    shares: Annotated[tuple[Share, ...], Field(strict=False)]
    missing: Share

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if len(self.shares) != len(self.edges) + 1:
            raise PydanticCustomError("bins", "must have one share more than edges")
        if not isclose(sum(self.shares) + self.missing, 1.0, abs_tol=1e-6):
            raise PydanticCustomError("whole", "must have shares that sum to 1 with the missing")
        return self


class MeasuredBy(Document):
    """The parameters of the features in training; serving must use the same."""

    utc_offset_seconds: int = Field(ge=-_MAX_OFFSET, le=_MAX_OFFSET)  # offset of local time
    label_delay_seconds: int = Field(
        ge=0, le=_MAX_DELAY
    )  # younger payments do not count in fraud rates


class Rival(Document):
    """The promoted version at the time of training, measured on the same payments."""

    version: Name
    metrics: dict[Word, Figure]


class Manifest(Document):
    """The description of a version: files, features, metrics, training data. Validated."""

    name: Name
    version: Name
    kind: Word
    created_at: Moment
    features: Features  # in the order of the model's input
    measured_by: MeasuredBy | None = None  # a version without it is stored but not served
    files: Annotated[dict[Name, StoredFile], AfterValidator(_with_model)]
    metrics: dict[Word, Figure]
    evaluated_on: Sha256 | None = None  # of the payments and labels behind the metrics
    rival: Rival | None = None
    training_data_sha256: Sha256
    libraries: dict[Word, Word]  # name to version
    # The raw score at evenly spaced ranks of the training payments, from the lowest to the highest.
    score_quantiles: Annotated[Rising, Field(max_length=MAX_QUANTILES)] = ()
    score_distribution: Distribution | None = None
    distributions: dict[Word, Distribution] = Field(default_factory=dict)  # by feature
    # The weight of each signal by name, if there were enough labels to learn it.
    weights: Weights | None = None


class Pointer(Document):
    """A version and the digest of its manifest: the promoted one, or one that a policy names."""

    version: Name
    manifest_sha256: Sha256

    @property
    def choice(self) -> str:
        """Return the text with which a policy names this version."""
        return f"{self.version}{MARK}{self.manifest_sha256}"

    @classmethod
    def of(cls, choice: str) -> "Pointer":
        """Return the version that a stored policy names.

        Raises:
            Malformed: the text names no version, or lacks the digest.
        """
        found = named_version(choice)
        if found.manifest_sha256 is None:
            raise Malformed([Violation(MEMBER, f"must have {MARK} and the manifest's digest")])
        return cls(version=found.version, manifest_sha256=found.manifest_sha256)


class Promotions(Pointer):
    """The promoted version and the versions promoted before it, the latest first."""

    before: Annotated[tuple[Pointer, ...], Field(strict=False, max_length=MAX_PROMOTIONS)] = ()

    @property
    def pointer(self) -> Pointer:
        """Return the promoted version without the history."""
        return Pointer(version=self.version, manifest_sha256=self.manifest_sha256)

    def then(self, newer: Pointer) -> "Promotions":
        """Return the history after this promotion; the oldest promotions are dropped."""
        past = (self.pointer, *self.before)[:MAX_PROMOTIONS]
        return Promotions(**newer.model_dump(), before=past)

    def rolled_back(self) -> "Promotions | None":
        """Return the history without the last promotion; None if it is the only one."""
        if not self.before:
            return None
        return Promotions(**self.before[0].model_dump(), before=self.before[1:])


@dataclass(frozen=True, slots=True)
class ModelArtefact:
    """A model whose bytes match its manifest, and whose manifest matches the pointer."""

    pointer: Pointer
    manifest: Manifest
    model: bytes = field(repr=False)
