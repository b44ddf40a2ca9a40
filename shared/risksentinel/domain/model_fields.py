"""Validated field types of manifests and pointers: names, digests, numbers."""

import re
from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from risksentinel.errors import Malformed, Violation
from risksentinel.text.time_field import parse_time

MANIFEST_FILE: Final = "manifest.json"
POINTER_FILE: Final = "current.json"
MAX_FEATURES: Final = 1_000
NAME_IN_WORDS: Final = (
    "must be 1 to 64 letters, digits and ._- that begin with a letter or digit, end with no dot, "
    f"and must not be {MANIFEST_FILE} or {POINTER_FILE}"
)
_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?", re.ASCII)
_RESERVED: Final = frozenset({MANIFEST_FILE, POINTER_FILE})


def is_name(text: str) -> bool:
    """Return whether the text may name a model, a version or a file: one safe step of a path."""
    return _NAME.fullmatch(text) is not None and text.lower() not in _RESERVED


def named(part: str, text: str) -> str:
    """Return the text if it is a name.

    Raises:
        Malformed: the text is not a name; the message does not repeat it.
    """
    if not is_name(text):
        raise Malformed([Violation(part, NAME_IN_WORDS)])
    return text


def _name(text: str) -> str:
    if not is_name(text):
        raise PydanticCustomError("name", NAME_IN_WORDS)
    return text


def _float(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


def _features(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise PydanticCustomError("twice", "must not name a feature twice")
    return names


def _rising(figures: Sequence[float]) -> Sequence[float]:
    if any(later < earlier for earlier, later in pairwise(figures)):
        raise PydanticCustomError("falling", "must not fall")
    return figures


Name = Annotated[str, AfterValidator(_name)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Moment = Annotated[
    AwareDatetime, BeforeValidator(parse_time), AfterValidator(lambda at: at.astimezone(UTC))
]
Figure = Annotated[float, BeforeValidator(_float), Field(allow_inf_nan=False)]
Share = Annotated[Figure, Field(ge=0, le=1)]
Rising = Annotated[tuple[Figure, ...], Field(strict=False), AfterValidator(_rising)]
Features = Annotated[
    tuple[Word, ...],
    Field(strict=False, min_length=1, max_length=MAX_FEATURES),
    AfterValidator(_features),
]


class Document(BaseModel):
    """The base of manifests, pointers and their parts."""

    # A later version of RiskSentinel may add fields: unknown fields are ignored.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")
