"""Model version: what is published once, never changed, and known by its digests."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from math import isclose
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from risksentinel.errors import Fault, Malformed

MODEL_FILE: Final = "model.onnx"  # what serving loads; the other files are for those who train
MANIFEST_FILE: Final = "manifest.json"
POINTER_FILE: Final = "current.json"
MOST_OF_A_FILE: Final = 256 * 1024 * 1024
MOST_FEATURES: Final = 1_000
MOST_QUANTILES: Final = 10_001
MOST_EDGES: Final = 100
LEAST_WEIGHT: Final = 0.01  # of a learnt weight: no signal is without a voice
MOST_PROMOTIONS: Final = 100
NAME_IN_WORDS: Final = (
    "must be 1 to 64 letters, digits and ._- that begin with a letter or digit, end with no dot, "
    f"and must not be {MANIFEST_FILE} or {POINTER_FILE}"
)
_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?", re.ASCII)
_RESERVED: Final = frozenset({MANIFEST_FILE, POINTER_FILE})
_RFC3339: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


def is_name(text: str) -> bool:
    """Whether it names a model, a version or a file: one step of a path that leads nowhere else."""
    return _NAME.fullmatch(text) is not None and text.lower() not in _RESERVED


def named(part: str, text: str) -> str:
    """The text itself where it is a name.

    Raises:
        Malformed: it is none; the message does not repeat it.
    """
    if not is_name(text):
        raise Malformed([Fault(part, NAME_IN_WORDS)])
    return text


def _name(text: str) -> str:
    if not is_name(text):
        raise PydanticCustomError("name", NAME_IN_WORDS)
    return text


def _time(value: object) -> object:
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass  # falls to pydantic's own fault: the digits name no moment of any calendar
    return value


def _float(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


def _features(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise PydanticCustomError("twice", "must not name a feature twice")
    return names


def _with_model(files: Mapping[str, object]) -> Mapping[str, object]:
    if MODEL_FILE not in files:
        raise PydanticCustomError("no_model", f"must list {MODEL_FILE}")
    return files


def _rising(figures: Sequence[float]) -> Sequence[float]:
    if any(later < earlier for earlier, later in pairwise(figures)):
        raise PydanticCustomError("falling", "must not fall")
    return figures


def _weights(shares: Mapping[str, float]) -> Mapping[str, float]:
    if not isclose(sum(shares.values()), 1.0, abs_tol=1e-6):
        raise PydanticCustomError("whole", "must sum to 1")
    return shares


Name = Annotated[str, AfterValidator(_name)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Moment = Annotated[
    AwareDatetime, BeforeValidator(_time), AfterValidator(lambda at: at.astimezone(UTC))
]
Figure = Annotated[float, BeforeValidator(_float), Field(allow_inf_nan=False)]
Share = Annotated[Figure, Field(ge=0, le=1)]
Rising = Annotated[tuple[Figure, ...], Field(strict=False), AfterValidator(_rising)]
Weights = Annotated[dict[Word, Annotated[Share, Field(ge=LEAST_WEIGHT)]], AfterValidator(_weights)]
Features = Annotated[
    tuple[Word, ...],
    Field(strict=False, min_length=1, max_length=MOST_FEATURES),
    AfterValidator(_features),
]


class _Document(BaseModel):
    # A later version of RiskSentinel may say more: what is not known here is left out.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class StoredFile(_Document):
    """What a file must be, to the byte."""

    sha256: Sha256
    size: int = Field(ge=0, le=MOST_OF_A_FILE)


class Distribution(_Document):
    """How a figure was spread over the payments of the training: the share of each bin.

    A value lies in the first bin whose edge it does not pass; the last bin has no edge.
    """

    edges: Annotated[Rising, Field(max_length=MOST_EDGES)]
    shares: Annotated[tuple[Share, ...], Field(strict=False)]
    missing: Share

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if len(self.shares) != len(self.edges) + 1:
            raise PydanticCustomError("bins", "must have one share more than edges")
        if not isclose(sum(self.shares) + self.missing, 1.0, abs_tol=1e-6):
            raise PydanticCustomError("whole", "must have shares that sum to 1 with the missing")
        return self


class Manifest(_Document):
    """What a version is and what it was made from. A wrong one cannot exist."""

    name: Name
    version: Name
    kind: Word
    created_at: Moment
    features: Features  # in the order in which the model takes them
    files: Annotated[dict[Name, StoredFile], AfterValidator(_with_model)]
    metrics: dict[Word, Figure]
    training_data_sha256: Sha256
    libraries: dict[Word, Word]  # name to version
    # The raw score at evenly spaced ranks of the training payments, from the lowest to the highest.
    score_quantiles: Annotated[Rising, Field(max_length=MOST_QUANTILES)] = ()
    score_distribution: Distribution | None = None
    distributions: dict[Word, Distribution] = Field(default_factory=dict)  # by feature
    # What each signal weighs, by its name, where labels were enough to learn it.
    weights: Weights | None = None


class Pointer(_Document):
    """Which version is promoted, and the digest of its manifest."""

    version: Name
    manifest_sha256: Sha256


class Promotions(Pointer):
    """The promoted version, and those that were promoted before it, the latest first."""

    before: Annotated[tuple[Pointer, ...], Field(strict=False, max_length=MOST_PROMOTIONS)] = ()

    @property
    def pointer(self) -> Pointer:
        """The promoted version without its history."""
        return Pointer(version=self.version, manifest_sha256=self.manifest_sha256)

    def then(self, newer: Pointer) -> "Promotions":
        """The history after this promotion; the oldest ones are forgotten."""
        past = (self.pointer, *self.before)[:MOST_PROMOTIONS]
        return Promotions(**newer.model_dump(), before=past)

    def rolled_back(self) -> "Promotions | None":
        """The history without its last promotion; None where it is the only one."""
        if not self.before:
            return None
        return Promotions(**self.before[0].model_dump(), before=self.before[1:])


@dataclass(frozen=True, slots=True)
class ModelArtefact:
    """A model that is what its manifest says, whose manifest is what the pointer says."""

    pointer: Pointer
    manifest: Manifest
    model: bytes = field(repr=False)
