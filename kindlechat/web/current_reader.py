"""The reader who sent the current request."""

from functools import partial

from flask import url_for

from kindlechat.web.conversation.outside_links import OutsideLinks
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.reader_settings import carried_code, current_reading
from kindlechat.web.services import current_templates, services


def current_reader() -> Reader:
    """For whom pages of conversations are rendered in this request."""
    return Reader(
        templates=current_templates(),
        reading=current_reading(),
        carried=carried_code(),
        outside_links=outside_links(),
    )


def outside_links() -> OutsideLinks:
    """The links to other sites, on pages in the language of this request."""
    sign = partial(services().hasher.digest, "outside link")
    return OutsideLinks(url_for("pages.leave"), sign)
