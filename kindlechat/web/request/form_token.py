"""A token that a form on a reader's own page has, for browsers that do not say where a post comes from.

Forms that write into a conversation need none: they address its write key.
"""

from hmac import compare_digest

from flask import request

from kindlechat.web.middleware.security import comes_from_here
from kindlechat.web.reader.identity import current_reader_id
from kindlechat.web.refusal import Refusal
from kindlechat.web.services import services

FIELD = "token"
TOKEN_CHARS = 16


def form_token() -> str:
    """What forms for the current reader hold; empty where no cookie says who it is."""
    reader_id = current_reader_id()
    return services().hasher.digest("form", reader_id)[:TOKEN_CHARS] if reader_id else ""


def check_form_token() -> None:
    """Refuse a form that another site's page may have made up: nothing says where it comes from, and the
    reader's cookie came without the token. Raises Refusal."""
    given = request.form.get(FIELD, "")
    if comes_from_here() is None and not compare_digest(form_token().encode(), given.encode()):
        raise Refusal(403, "cross_site")
