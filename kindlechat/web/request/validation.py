"""Validates a request's message, history and JSON body. Each check raises Refusal."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, request

from kindlechat.reply import Depth, Message, parse_cursor
from kindlechat.sound_text import sound_text
from kindlechat.web.refusal import Refusal

MAX_MESSAGE_CHARS = 8000
MAX_UNSOUND_CHARS = 4 * MAX_MESSAGE_CHARS
"""Line ends and control characters are counted after a text is cleaned, as far as that."""

MAX_DIGITS = 6
"""More than any number here has. Of thousands Python makes none, and raises."""

MAX_BODY_BYTES = 128 * 1024
"""The longest question fits in every script: a form takes up to 12 bytes for a character."""


def check_message(value: object) -> str:
    """A question's text, trimmed, with LF line ends."""
    if not isinstance(value, str):
        raise Refusal(400, "bad_type", field="message")
    message = value.strip()
    if len(message) > MAX_UNSOUND_CHARS:  # to clean it would hold up others
        raise Refusal(400, "message_long", limit=MAX_MESSAGE_CHARS, got=len(message))
    message = sound_text(message).strip()
    if not message:
        raise Refusal(400, "message_empty")
    if len(message) > MAX_MESSAGE_CHARS:
        raise Refusal(400, "message_long", limit=MAX_MESSAGE_CHARS, got=len(message))
    return message


def check_body() -> dict[str, Any]:
    """The current request's JSON object."""
    if request.mimetype != "application/json":
        raise Refusal(415, "unsupported_type")
    try:
        body = current_app.json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise Refusal(400, "bad_json") from None
    if not isinstance(body, dict):
        raise Refusal(400, "bad_json")
    return body


def check_optional_body() -> dict[str, Any]:
    """The same; an empty object where the request has no body."""
    return check_body() if request.get_data() else {}


def check_conversation(value: object) -> str:
    """The conversation's id that a body names; empty where it names none."""
    if not isinstance(value, str | None):
        raise Refusal(400, "bad_type", field="conversation")
    return sound_text(value or "")


def check_depth(value: object) -> Depth | None:
    """How long a client wants the answer to be, if it says so."""
    if value is None:
        return None
    try:
        return Depth(str(value))
    except ValueError:
        raise Refusal(400, "bad_depth", choices=", ".join(Depth)) from None


def check_seen(value: object) -> int | None:
    """How many characters a client says it has: a number, or the cursor. Raises BadCursor, too."""
    if isinstance(value, str):
        return parse_cursor(value)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise Refusal(400, "bad_type", field="seen")


def check_history(value: object) -> tuple[Message, ...]:
    """The history that an API client brings."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Refusal(400, "bad_history")
    return tuple(_check_turn(turn) for turn in value)


def _check_turn(turn: object) -> Message:
    if not isinstance(turn, Mapping):
        raise Refusal(400, "bad_history")
    role, text = turn.get("role"), turn.get("text")
    if role not in ("user", "model") or not isinstance(text, str):
        raise Refusal(400, "bad_history")
    return Message(role, sound_text(text))


def number_asked(name: str, most: int, default: int = 1) -> int:
    """A number from 1 to `most` of the current request's address. Raises Refusal."""
    return check_number(request.args.get(name, str(default)), most)


def check_number(value: str, most: int) -> int:
    """The number from 1 to `most` that a field or an address has in decimal digits."""
    is_one = value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS
    if not (is_one and 1 <= int(value) <= most):
        raise Refusal(404, "not_found")
    return int(value)
