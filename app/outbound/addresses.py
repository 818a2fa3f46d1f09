"""Which addresses are public: everybody's, and of no network that this server alone might reach.

Written out, since what the standard library takes for global has changed between versions of Python and lets IPv4
addresses through inside IPv6 ones. After IANA's registries of special-purpose addresses.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC_4 = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        # Where a cloud gives a machine its credentials.
        "169.254.0.0/16",
        "168.63.129.16/32",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
"""All that was ever given out. Loopback, link-local, unique local, multicast and mapped addresses lie elsewhere."""
_NOT_PUBLIC_6 = tuple(
    IPv6Network(each)
    for each in (
        # Protocols' own, Teredo among them.
        "2001::/23",
        "2001:db8::/32",
        # 6to4: any IPv4 address, in disguise.
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
"""The IPv4 internet, as a network without IPv4 sees it (RFC 6052)."""


def is_public(address: Address) -> bool:
    """Whether an address is everybody's. One that holds an IPv4 address is what that is."""
    inside = _inside(address)
    if isinstance(inside, IPv4Address):
        return not any(inside in network for network in _NOT_PUBLIC_4)
    return inside.scope_id is None and inside in _PUBLIC_6 and not any(inside in each for each in _NOT_PUBLIC_6)


def is_allowed(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether an address is public, or in a network that an operator has allowed."""
    return is_public(address) or any(_inside(address) in network for network in allowed)


def _inside(address: Address) -> Address:
    """The IPv4 address that a connection to this one ends at, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address
