"""is_public: whether an IP address is on the public internet."""

from ipaddress import ip_address, ip_network
from typing import Final

# All allocated addresses; NAT64, IPv4-mapped, local and multicast addresses are outside.
_ALLOCATED_IPV6: Final = ip_network("2000::/3")
_INTERNAL_DESPITE_IS_GLOBAL: Final = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",  # Azure's host services, on a public address
            "192.0.0.0/24",  # protocol assignments; patch releases of Python differ here
            "192.88.99.0/24",  # 6to4 relays
            "2001::/23",  # Teredo, which embeds an IPv4 address, and other protocols
            "2002::/16",  # 6to4, which embeds an IPv4 address
            "3fff::/20",  # documentation; missing in Python 3.11
        ),
    )
)


def is_public(address: str) -> bool:
    """Whether the address is public; a text that is no address is not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and ip not in _ALLOCATED_IPV6:  # noqa: PLR2004 - the name of the protocol
        return False
    if ip.is_multicast or any(ip in network for network in _INTERNAL_DESPITE_IS_GLOBAL):
        return False
    return ip.is_global
