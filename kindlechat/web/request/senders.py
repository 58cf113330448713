"""Tells who sends a form or a request, so that one that is sent twice is recognised."""

from collections.abc import Collection, Iterator

from flask import request

from kindlechat.web import passcode
from kindlechat.web.middleware.language import current_language
from kindlechat.web.middleware.reader_settings import READER_COOKIE
from kindlechat.web.request.client import client_network

UNGUESSABLE_CHARS = 22
"""A key at least this long is nobody else's, wherever the reader sends it from: networks change on the
way."""

GIVEN = (
    (),
    (READER_COOKIE,),
    (passcode.COOKIE,),
    (READER_COOKIE, passcode.COOKIE),
)
"""The cookies that an answer may have given to a browser."""

Sender = tuple[str, ...]


def senders(idempotency_key: str) -> list[Sender]:
    """What tells the reader who sends this key apart from others.

    The first one is the sender as it is now, the rest as it was before an answer gave it cookies: an
    earlier press may have come from there. Whoever has no such cookies is the same, too, so what was
    made of that press has to be known as this reader's by other means.
    """
    return list(dict.fromkeys(tuple(_sender(idempotency_key, given)) for given in GIVEN))


def _sender(idempotency_key: str, without: Collection[str]) -> Iterator[str]:
    if len(idempotency_key) < UNGUESSABLE_CHARS:
        yield client_network()
    yield current_language().code
    yield request.headers.get("User-Agent", "")
    yield request.headers.get("Authorization", "")
    cookies = request.cookies.items(multi=True)
    yield "; ".join(f"{name}={value}" for name, value in cookies if name not in without)
