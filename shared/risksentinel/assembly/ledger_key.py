"""key_of: the private key of the ledger, from its file."""

from pathlib import Path
from typing import Final

from risksentinel.adapters.signing.key_file import make_key, read_key
from risksentinel.settings import Settings

FILE: Final = "ledger-key.pem"


def key_of(settings: Settings, *, make: bool = False) -> bytes | None:
    """The seed of the key; None where no key is configured.

    Embedded data has a key of its own, which is made at the first use; with `make` also beside
    another database.

    Raises:
        Misconfigured: the file cannot be read, or has no Ed25519 key.
    """
    if settings.ledger_signing_key_file:
        return read_key(Path(settings.ledger_signing_key_file))
    path = settings.risksentinel_home / FILE
    if not path.exists():
        if settings.database_url and not make:
            return None
        make_key(path)
    return read_key(path)
