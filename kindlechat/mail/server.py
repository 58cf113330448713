"""The mail server that takes what we send, as its address says (pure)."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

EXPECTED = (
    "an address such as smtps://USER:PASSWORD@mail.example, special characters percent-encoded"
)


class Security(StrEnum):
    """How the connection is kept from others: from its first byte, by STARTTLS, or on this machine not
    at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}


@dataclass(frozen=True)
class SmtpServer:
    """Where it listens, and as whom we log in. `repr` shows no password."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"SmtpServer({self.host!r}, {self.port}, {self.security})"


def smtp_server(value: str) -> SmtpServer:
    """The server at an address smtp://… or smtps://….

    Without TLS from the first byte, STARTTLS is required, unless the server is on this machine. Raises
    ValueError whose text completes "expected …".
    """
    parts = urlsplit(value)
    beyond = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or beyond:
        raise ValueError(EXPECTED)
    try:
        port = parts.port
    except ValueError:
        raise ValueError("an address whose port is a number from 1 to 65535") from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("an address with a user and a password, or with neither")
    if parts.scheme == "smtps":
        security = Security.TLS
    else:
        security = Security.NONE if _is_here(parts.hostname) else Security.STARTTLS
    return SmtpServer(parts.hostname, port or PORTS[security], security, user, password)


def _is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
