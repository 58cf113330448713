"""Groups clients' addresses into networks, by which limits count (pure)."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache

NETWORK_BITS = {4: 32, 6: 64}
"""An IPv6 reader has a whole /64 to pick addresses from."""

NEIGHBOURHOOD_BITS = {4: 24, 6: 48}
"""What one customer of a provider may have in all: a /48 holds 65,536 networks."""


def network_of(address: str, bits: Mapping[int, int] = NETWORK_BITS) -> str:
    """The network of so many `bits`, by the protocol's version, that an address is in.

    Some proxies add the port of the connection: 192.0.2.1:1234, [2001:db8::1]:1234.
    """
    return _network_of(address, bits[4], bits[6])


@lru_cache(maxsize=4096)
def _network_of(address: str, bits_of_v4: int, bits_of_v6: int) -> str:
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    ip = getattr(ip, "ipv4_mapped", None) or ip
    bits = bits_of_v4 if ip.version == 4 else bits_of_v6
    if bits == ip.max_prefixlen:
        return str(ip)
    return str(ipaddress.ip_network((ip, bits), strict=False))
