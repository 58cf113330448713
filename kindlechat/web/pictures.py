"""The small pictures that pages show beside questions, for whoever may read the conversation."""

from flask import Blueprint, Response

from kindlechat.web.access import Access, access_by_link, access_to
from kindlechat.web.refusal import Refusal
from kindlechat.web.services import services

HEADERS = {"Cache-Control": "private, max-age=3600", "X-Robots-Tag": "noindex"}
"""A page that loads itself again needs it once."""

pictures = Blueprint("pictures", __name__)


@pictures.get("/c/<name>/picture/<picture>.jpg")
def show(name: str, picture: str) -> Response:
    """A picture of the conversation."""
    return _shown(access_to(name), picture)


@pictures.get("/s/<link>/picture/<picture>.jpg")
def show_shared(link: str, picture: str) -> Response:
    """The same for who reads by a shared link."""
    return _shown(access_by_link(link), picture)


def _shown(access: Access, picture: str) -> Response:
    jpeg = services().store.preview(access.outline.id, picture)
    if jpeg is None:
        raise Refusal(404, "not_found")
    return Response(jpeg, mimetype="image/jpeg", headers=HEADERS)
