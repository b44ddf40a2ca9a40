"""Which addresses belong to the open internet."""

from ipaddress import ip_address, ip_network
from typing import Final

# All that was ever given out; NAT64, IPv4-mapped, local and multicast addresses lie elsewhere.
_ALLOCATED_IPV6: Final = ip_network("2000::/3")
_INTERNAL_ALL_THE_SAME: Final = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",  # the services of Azure's own host, on a public address
            "192.0.0.0/24",  # protocol assignments; Python's patch releases differ here
            "192.88.99.0/24",  # relays of 6to4
            "2001::/23",  # Teredo, which embeds an IPv4 address, and other protocols
            "2002::/16",  # 6to4, which embeds an IPv4 address
            "3fff::/20",  # documentation; unknown to Python 3.11
        ),
    )
)


def is_public(address: str) -> bool:
    """Whether the address is one of the open internet; what cannot be read is not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and ip not in _ALLOCATED_IPV6:  # noqa: PLR2004 - the name of the protocol
        return False
    if ip.is_multicast or any(ip in network for network in _INTERNAL_ALL_THE_SAME):
        return False
    return ip.is_global
