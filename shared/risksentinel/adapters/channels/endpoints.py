"""endpoints_from: the endpoints of alerts, from the texts of the settings."""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final

from risksentinel.adapters.channels import CHANNELS
from risksentinel.adapters.http.guarded import Target
from risksentinel.errors import Misconfigured, Rejected
from risksentinel.ports.alerting import Endpoint

MAX_ENDPOINTS: Final = 32  # one thread serves each of them at the same time
_SEPARATORS: Final = re.compile(r"[\s,]+")
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the prefix of secrets is not a secret
_SECRET_BYTES: Final = range(24, 65)


def endpoints_from(
    addresses: Mapping[str, str], secret: str | None, *, allow_private: bool = False
) -> list[Endpoint]:
    """The endpoints in the settings, without repetitions; `addresses` has a text for each channel.

    Raises:
        Misconfigured: all errors in one line, without addresses and secrets.
    """
    listed = {name: _listed(text) for name, text in addresses.items()}
    found = [
        Endpoint(_id(name, url), name, url, secret if CHANNELS[name].signs else None)
        for name, urls in listed.items()
        for url in urls
    ]
    faults = [*_secret_faults(listed, secret), *_address_faults(listed, plain=allow_private)]
    if len(found) > MAX_ENDPOINTS:
        faults.append(f"list at most {MAX_ENDPOINTS} addresses for alerts")
    if faults:
        raise Misconfigured("; ".join(faults))
    return found


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(filter(None, _SEPARATORS.split(text))))


def _id(channel: str, address: str) -> str:
    return f"{channel}-{sha256(address.encode()).hexdigest()[:12]}"


def _address_faults(listed: Mapping[str, list[str]], *, plain: bool) -> Iterator[str]:
    for name, urls in listed.items():
        for number, url in enumerate(urls, start=1):
            try:
                Target.parse(url, plain=plain)
            except Rejected as rejected:
                yield f"{CHANNELS[name].setting}: address {number} {rejected}"


def _secret_faults(listed: Mapping[str, list[str]], secret: str | None) -> Iterator[str]:
    signing = [
        CHANNELS[name].setting for name, urls in listed.items() if CHANNELS[name].signs and urls
    ]
    if signing and not secret:
        yield f"set WEBHOOK_SECRET: what goes to {' and '.join(signing)} is signed with it"
    if not all(map(_is_secret, (secret or "").split())):
        yield "WEBHOOK_SECRET must be whsec_ and the base64 of 24 to 64 bytes"


def _is_secret(text: str) -> bool:
    try:
        key = b64decode(text.removeprefix(_SECRET_PREFIX), validate=True)
    except ValueError:
        return False
    return text.startswith(_SECRET_PREFIX) and len(key) in _SECRET_BYTES
