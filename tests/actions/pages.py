"""What a reader does on the pages of an application in this process."""

import re
from itertools import count
from typing import Any

from flask.testing import FlaskClient

from harness.upstream import Upstream
from harness.waiting import eventually
from tests.apps import HERE

KEYS = count()
ANSWER = "Because of the air."


def ask(
    reader: FlaskClient, message: str = "Why is the sky blue?", root: str = "", **fields: str
) -> str:
    """Ask by the form; returns the page, once the answer is there."""
    form = {"message": message, "mode": "refresh", "idempotency_key": str(next(KEYS)), **fields}
    response = reader.post(f"{root}/ask", data=form, headers=HERE)
    assert response.status_code == 303, response.text
    return ended(reader, response.location)


def ended(reader: FlaskClient, address: str) -> str:
    """The page at this address, once its answer has ended."""
    eventually(lambda: 'id="taps"' in reader.get(address).text)
    return reader.get(address).text


def tap(reader: FlaskClient, page: str, **fields: str) -> str:
    """Press a button under the answer of a page; returns the page that it leads to."""
    reply = found(r'name="reply" value="([^"]+)"', page)
    told = dict(re.findall(r'name="(earlier)" value="(1)"', page))
    form = {"reply": reply, **told, **fields}
    response = reader.post(f"{address_of(page)}/tap", data=form, headers=HERE)
    assert response.status_code == 303, response.text
    return ended(reader, response.location)


def asked(page: str) -> str:
    """What the page says was asked last."""
    return re.sub("<[^>]+>", "", found(r'(?s)id="question"[^>]*>(.*?)</p>', page)).strip()


def address_of(page: str) -> str:
    """That of the conversation which a page shows, for who may write."""
    return found(r'action="([^"]+)/tap"', page)


def found(pattern: str, page: str) -> str:
    """What the group of a pattern is on a page."""
    match = re.search(pattern, page)
    assert match, pattern
    return match[1]


def sent(upstream: Upstream) -> str:
    """What the model was asked last."""
    body: Any = upstream.requests[-1].body
    return str(body["contents"][-1]["parts"][-1]["text"])
