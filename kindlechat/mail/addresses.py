"""Addresses of mail: what counts as one (pure)."""

import re

MOST_CHARS = 254
"""The longest address that mail servers take (RFC 5321, 4.5.3.1.3)."""

ADDRESS = re.compile(
    r"(?=[^@]{1,64}@)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    re.IGNORECASE,
)
"""A dot-atom and the name of a host (RFC 5322, 3.4.1): what the forms of the web take, in ASCII alone."""

KINDLE = re.compile(r"@(free\.)?kindle\.(com|cn)$")
"""Amazon brings what is attached to a mail for these hosts to a Kindle, and nothing else."""


def mail_address(value: str) -> str:
    """The address in a text, its host in lower case. Raises ValueError whose text completes "expected …"."""
    given = value.strip(" \t")
    if len(given) > MOST_CHARS or not ADDRESS.fullmatch(given):
        raise ValueError("a mail address such as reader@mail.example")
    name, _, host = given.rpartition("@")
    return f"{name}@{host.lower()}"


def host_in(address: str) -> str:
    """The host of a mail address."""
    return address.rpartition("@")[2]


def is_kindle(address: str) -> bool:
    """Whether what is sent there arrives on a Kindle, as a document."""
    return bool(KINDLE.search(address))
