"""Why a broker refuses a client: one sentence that names the setting to change."""

import socket
import ssl
from typing import Final

from risksentinel.adapters.kafka.brokers import Brokers

_SECONDS: Final = 0.5  # for each step of a probe
_LOGIN: Final = (
    "a broker listens and does not serve this client: check KAFKA_USERNAME, KAFKA_PASSWORD and "
    "KAFKA_SASL_MECHANISM"
)
_NEEDS_TLS: Final = "the broker requires TLS: set KAFKA_SECURITY_PROTOCOL to SSL or SASL_SSL"
_HAS_NO_TLS: Final = (
    "the broker does not speak TLS: set KAFKA_SECURITY_PROTOCOL to PLAINTEXT or SASL_PLAINTEXT"
)
_CERTIFICATE: Final = (
    "the certificate of the broker is not valid here: check KAFKA_CA_FILE, and the names in "
    "KAFKA_BOOTSTRAP_SERVERS"
)
_OTHER_PROTOCOL: Final = (
    "a broker listens and does not serve this client: check KAFKA_SECURITY_PROTOCOL, and whether "
    "it needs a login"
)


def refusal(brokers: Brokers) -> str:
    """The likely reason why these brokers refuse a client; empty if nothing listens there."""
    for address in brokers.addresses.split(","):
        host, _, port = address.strip().rpartition(":")
        found = _probed(host.strip("[]"), int(port), brokers)
        if found:
            return found
    return ""


def _probed(host: str, port: int, brokers: Brokers) -> str:
    try:
        with socket.create_connection((host, port), _SECONDS) as connection:
            return _asked(connection, host, brokers)
    except OSError:
        return ""  # nothing listens there


def _asked(connection: socket.socket, host: str, brokers: Brokers) -> str:
    encrypted = brokers.protocol.endswith("SSL")
    try:
        _context(brokers, verified=encrypted).wrap_socket(connection, server_hostname=host).close()
    except ssl.SSLCertVerificationError:
        return _CERTIFICATE
    except OSError:
        if encrypted:
            return _HAS_NO_TLS
        return _LOGIN if brokers.has_login else ""
    if not encrypted:
        return _NEEDS_TLS
    return _LOGIN if brokers.has_login else _OTHER_PROTOCOL


def _context(brokers: Brokers, *, verified: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=brokers.ca_file or None)
    if not verified:  # only whether the broker uses TLS: nothing is sent
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
