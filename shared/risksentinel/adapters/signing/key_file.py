"""The key file of the ledger: an Ed25519 private key in PEM, as openssl writes it (RFC 8410)."""

import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error
from pathlib import Path
from typing import Final

from risksentinel.errors import Misconfigured

SETTING: Final = "LEDGER_SIGNING_KEY_FILE"
_SEED_BYTES: Final = 32
_PKCS8: Final = bytes.fromhex("302e020100300506032b657004220420")  # what precedes the seed
_BEGIN: Final = "-----BEGIN PRIVATE KEY-----"
_END: Final = "-----END PRIVATE KEY-----"


def read_key(path: Path) -> bytes:
    """The seed of the private key.

    Raises:
        Misconfigured: the file cannot be read, or has no Ed25519 key.
    """
    try:
        text = path.read_text(encoding="ascii")
    except OSError as error:
        raise Misconfigured(f"{SETTING} cannot be read: {error.strerror}") from error
    except ValueError:
        raise _no_key() from None
    lines = text.strip().splitlines()
    if len(lines) < len((_BEGIN, "", _END)) or (lines[0], lines[-1]) != (_BEGIN, _END):
        raise _no_key()
    try:
        der = b64decode("".join(lines[1:-1]), validate=True)
    except Error:
        raise _no_key() from None
    if len(der) != len(_PKCS8) + _SEED_BYTES or not der.startswith(_PKCS8):
        raise _no_key()
    return der[len(_PKCS8) :]


def make_key(path: Path) -> None:
    """Write a new key, readable by its owner only, unless the file exists."""
    pem = f"{_BEGIN}\n{b64encode(_PKCS8 + secrets.token_bytes(_SEED_BYTES)).decode()}\n{_END}\n"
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # of two processes that start at once, the first one's key stays
    except FileExistsError:
        pass
    except OSError as error:
        raise Misconfigured(f"the ledger's key cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _no_key() -> Misconfigured:
    return Misconfigured(
        f"{SETTING} must be an Ed25519 private key in PEM: "
        "make one with `openssl genpkey -algorithm ed25519`"
    )
