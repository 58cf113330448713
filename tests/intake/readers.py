"""Readers of an application within this process."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from harness.waiting import eventually
from kindlechat.conversation import ReplyOutline
from kindlechat.stores.contract import Store
from kindlechat.web.services import EXTENSION

HOME = "192.0.2.7"


def store_of(app: Flask) -> Store:
    """The application's store."""
    store: Store = app.extensions[EXTENSION].store
    return store


def reader_of(app: Flask, address: str = HOME, **headers: str) -> FlaskClient:
    """A browser at this address, without cookies."""
    client = app.test_client(use_cookies=False)
    client.environ_base |= {"REMOTE_ADDR": address, "HTTP_USER_AGENT": "A browser"}
    client.environ_base |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return client


def ask(reader: FlaskClient, message: str = "Why?", **form: Any) -> TestResponse:
    """Send the form of a question."""
    return reader.post("/ask", data={"message": message, **form})


def conversation_in(response: TestResponse) -> str:
    """The conversation that a response leads to."""
    return response.headers["Location"].rpartition("/")[2]


def ended(app: Flask, conversation: str) -> ReplyOutline:
    """Wait for the end of the last reply of a conversation."""

    def last() -> ReplyOutline:
        names = app.extensions[EXTENSION].write_keys
        by_key = names.id_of(conversation) or ""
        outline = store_of(app).outline(by_key) or store_of(app).outline(conversation)
        assert outline
        return outline.replies[-1]

    eventually(lambda: last().state.ended)
    return last()
