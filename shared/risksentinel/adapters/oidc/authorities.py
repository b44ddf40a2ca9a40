"""authorities: the certificates by which the certificate of an issuer is verified."""

import ssl
from pathlib import Path

from risksentinel.errors import Misconfigured


def authorities(ca_file: str, setting: str) -> ssl.SSLContext | None:
    """The certificates in `ca_file`, and no others; None if no file is named.

    Raises:
        Misconfigured: the file does not exist, cannot be read, or has no certificate in PEM; the
            message names `setting`.
    """
    if not ca_file:
        return None
    if not Path(ca_file).is_file():
        raise Misconfigured(f"{setting}: there is no file {ca_file}")
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise Misconfigured(f"{setting}: {ca_file} has no certificate in PEM") from None
    except OSError as error:
        raise Misconfigured(f"{setting}: {ca_file} cannot be read: {error.strerror}") from None
