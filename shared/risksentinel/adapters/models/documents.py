"""Manifests and pointers as JSON; violations name the file."""

from hashlib import sha256
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from risksentinel.domain.model_version import Manifest, Pointer, Promotions
from risksentinel.errors import Malformed, Violation
from risksentinel.text import strict_json
from risksentinel.text.characters import FORBIDDEN_MESSAGE
from risksentinel.text.validation import violations_of

MAX_OF_A_DOCUMENT: Final = 1024 * 1024

DocumentModel = TypeVar("DocumentModel", bound=BaseModel)


def digest(body: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return sha256(body).hexdigest()


def manifest_of(body: bytes, file: str) -> Manifest:
    """Read a manifest. Raises Malformed with every violation."""
    return _read(Manifest, body, file)


def pointer_of(body: bytes, file: str) -> Pointer:
    """Read a pointer. Raises Malformed with every violation."""
    return _read(Pointer, body, file)


def promotions_of(body: bytes, file: str) -> Promotions:
    """Read a pointer with the earlier ones. Raises Malformed with every violation."""
    return _read(Promotions, body, file)


def written(document: BaseModel) -> bytes:
    """The document's bytes.

    Raises:
        Malformed: they exceed MAX_OF_A_DOCUMENT, or a text contains an unpaired surrogate.
    """
    try:
        body = strict_json.encode(document.model_dump())
    except ValueError:
        raise Malformed(FORBIDDEN_MESSAGE) from None
    if len(body) > MAX_OF_A_DOCUMENT:
        raise Malformed(f"is larger than {MAX_OF_A_DOCUMENT} bytes")
    return body


def _read(kind: type[DocumentModel], body: bytes, file: str) -> DocumentModel:
    try:
        return kind.model_validate(strict_json.decode(body))
    except ValidationError as error:
        violations = violations_of(error)
    except Malformed as malformed:
        violations = list(malformed.violations)
    raise Malformed(Violation(_at(file, violation), violation.message) for violation in violations)


def _at(file: str, violation: Violation) -> str:
    return f"{file}: {violation.path}" if violation.path else file
