"""Refuses a request before it reaches the application, with one line of plain text."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse


HEALTH = "/healthz"
"""Where a platform asks, by an address of its own, whether all is well. Refused, it would take the server for
broken."""


def refuse(
    start_response: "StartResponse", status: str, why: str, *headers: tuple[str, str]
) -> Iterable[bytes]:
    """Answer with this status and line."""
    line = f"{why}\n".encode()
    described = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(line))),
        ("Cache-Control", "no-store"),
    ]
    start_response(status, [*described, *headers])
    return [line]
