"""The client of the current request as limits count it: its network, as a keyed hash."""

from flask import request

from kindlechat.web.request.networks import NEIGHBOURHOOD_BITS, network_of
from kindlechat.web.services import services


def client_hash() -> str:
    """The keyed hash of the current client's network."""
    return services().hasher.digest(client_network())


def neighbourhood_hash() -> str:
    """The keyed hash of the networks around the current client's."""
    around = network_of(request.remote_addr or "", NEIGHBOURHOOD_BITS)
    return services().hasher.digest("around", around)


def client_network() -> str:
    """The network of the current client."""
    return network_of(request.remote_addr or "")
