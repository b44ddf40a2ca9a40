from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.adapters.http.public_addresses import is_public

INTERNAL_NETWORKS = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/96",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]


@pytest.mark.parametrize("network", INTERNAL_NETWORKS)
def test_an_internal_network_is_not_public_from_end_to_end(network: str) -> None:
    """Each of them leads to a machine that an alert has no business with."""
    first, last = ip_network(network)[0], ip_network(network)[-1]

    assert not is_public(str(first))
    assert not is_public(str(last))


@pytest.mark.parametrize("address", ["9.9.9.9", "41.0.0.1", "2620:fe::fe", "2c0f:fb50::1"])
def test_the_open_internet_is_public(address: str) -> None:
    """Operators would switch off a guard that refuses public addresses."""
    assert is_public(address)


@given(st.ip_addresses())
def test_what_is_not_global_is_not_public(address: IPv4Address | IPv6Address) -> None:
    """IANA's registry, as in Python, is the minimum."""
    assert address.is_global or not is_public(str(address))


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "::", "64:ff9b::", "2002::"]))
def test_no_wrapping_makes_an_address_public(inner: IPv4Address, wrapping: str) -> None:
    """A gateway on the route would unwrap it."""
    bits = 80 if wrapping == "2002::" else 0
    wrapped = IPv6Address(int(IPv6Address(wrapping)) | int(inner) << bits)

    assert not is_public(str(wrapped))


@pytest.mark.parametrize("address", ["", "localhost", "127.1", "fe80::1%eth0", "9.9.9.9 "])
def test_what_cannot_be_read_is_not_public(address: str) -> None:
    """What a resolver may answer besides addresses is not known."""
    assert not is_public(address)
