"""Who a reader is, without an account: a random id in a signed cookie, made at the first question."""

import time
from functools import lru_cache

from flask import Response, g, request
from itsdangerous import BadSignature, Signer
from werkzeug.http import dump_cookie

from kindlechat.relay import new_id
from kindlechat.web.middleware.reader_settings import READER_COOKIE
from kindlechat.web.services import services

DAY_S = 86_400
COOKIE_MAX_AGE_S = 400 * DAY_S  # browsers keep no cookie longer


def current_reader_id() -> str | None:
    """The id that the current request's cookie brings, or a program's token, if it is one of ours."""
    if "reader_id" not in g:  # asked for several times in a request
        g.reader_id = reader_in(bearer_token()) or reader_in(request.cookies.get(READER_COOKIE, ""))
    found: str | None = g.reader_id
    return found


def reader_in(value: str) -> str | None:
    """The id in the value of a cookie; None where we have not signed it."""
    if not value:  # as with every first question, and programs that bring no token
        return None
    try:
        return _signer().unsign(value).decode()
    except (BadSignature, UnicodeDecodeError):
        return None


def bearer_token() -> str:
    """What a program sends as `Authorization: Bearer`; "" where it sends nothing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def owner_hash(reader_id: str) -> str:
    """What the store knows of a reader."""
    return services().hasher.digest("reader", reader_id)


def current_owner_hash() -> str:
    """What the store knows of the current reader; of nobody where no cookie says who it is."""
    reader_id = current_reader_id()
    return owner_hash(reader_id) if reader_id else ""


def reader_id_or_new() -> str:
    """The current reader's id, or a new one. `keep_reader_id` makes a new one last."""
    return current_reader_id() or new_id()


def keep_reader_id(reader_id: str) -> None:
    """Have this browser keep the id, from the current response on."""
    if reader_id != current_reader_id():
        g.kept_reader_id = reader_id


def forget_reader_id() -> None:
    """Have this browser forget the id."""
    g.kept_reader_id = ""


def set_reader_cookie(response: Response) -> Response:
    """Put the id that is to be kept into a cookie, or take the cookie away."""
    if g.get("kept_reader_id") == "":
        response.delete_cookie(
            READER_COOKIE, httponly=True, secure=request.is_secure, samesite="Lax"
        )
    elif "kept_reader_id" in g:
        day, is_secure = int(time.time() // DAY_S), request.is_secure
        value = _signer().sign(g.kept_reader_id).decode()
        response.headers.add("Set-Cookie", f"{READER_COOKIE}={value}{_attributes(day, is_secure)}")
    return response


@lru_cache(maxsize=4)
def _attributes(day: int, is_secure: bool) -> str:
    """What follows the value of a cookie that is sent on this day since 1970. To write a date takes longer
    than to sign an id."""
    cookie = dump_cookie(
        "",
        max_age=COOKIE_MAX_AGE_S,
        expires=day * DAY_S + COOKIE_MAX_AGE_S,
        httponly=True,
        secure=is_secure,
        samesite="Lax",
    )
    return cookie.removeprefix("=")


def _signer() -> Signer:
    return services().reader_signer
