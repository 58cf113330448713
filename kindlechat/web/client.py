"""Who sends the current request, as far as limits count it: a network, stored as a hash."""

import ipaddress

from flask import request

from kindlechat.web.services import services


def client_hash() -> str:
    """The keyed hash of the current client's network."""
    return services().hasher.digest(client_network())


def client_network() -> str:
    """The network of the current client."""
    return network_of(request.remote_addr or "")


def network_of(address: str) -> str:
    """The network that an address stands for: an IPv6 reader has a whole /64 to pick from.

    Some proxies add the port of the connection: 192.0.2.1:1234, [2001:db8::1]:1234.
    """
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
