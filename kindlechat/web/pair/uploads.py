"""What a phone sends beside its question: a picture, of bounded size, in bounded time and number.

Every function may raise Refusal.
"""

from typing import cast

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from kindlechat.picture import SentPicture
from kindlechat.pictures.cleaner import PictureRefused, PicturesBusy
from kindlechat.rate_limit import parse_rate_limits
from kindlechat.stores.contract import quotas_for
from kindlechat.web.middleware.body import MOST_LEFT_BYTES, allow_body
from kindlechat.web.refusal import Refusal, rate_limited
from kindlechat.web.request.client import client_hash
from kindlechat.web.request.forms import MAX_FILE_BYTES, MULTIPART, BoundedFile
from kindlechat.web.request.validation import MAX_BODY_BYTES
from kindlechat.web.services import services

MIB = 1024 * 1024

MAX_UPLOAD_BYTES = MOST_LEFT_BYTES
"""So much of what is too large is read all the same, and not kept: what was typed comes with the file."""

PICTURES = parse_rate_limits("30/hour;100/day")
"""So many a network may send: each takes a second of work, and room in the store."""


def expect_upload() -> None:
    """Let the body of the current request be as large as a picture, and take longer; nothing is read yet.

    Only a form with files: of any other one all is held in memory, and read for its letters.
    """
    if request.mimetype != MULTIPART:
        return
    request.max_content_length = MAX_UPLOAD_BYTES
    request.max_form_memory_size = MAX_BODY_BYTES
    allow_body(request.environ, services().timings.upload_s)


def read_upload() -> None:
    """Read the form with its picture."""
    try:
        request.form  # noqa: B018 (this is what reads it)
    except RequestEntityTooLarge:
        raise _too_large() from None


def sent_picture() -> SentPicture | None:
    """The picture that came with the form, cleaned, if any did."""
    file = request.files.get("picture")
    if file is None or not file.filename:  # a form in which none was chosen has an empty one
        return None
    if cast(BoundedFile, file.stream).is_cut:
        raise _too_large()
    wait_s = services().store.count(quotas_for(PICTURES, f"{client_hash()}:pictures"))
    if wait_s is not None:
        raise rate_limited(wait_s)
    try:
        return services().cleaner.clean(file.stream)
    except PictureRefused as refused:
        raise Refusal(400, f"picture_{refused.fault}") from None
    except PicturesBusy:
        raise Refusal(503, "picture_busy", retry_after_s=10) from None


def _too_large() -> Refusal:
    return Refusal(413, "picture_bytes", limit=MAX_FILE_BYTES // MIB)
