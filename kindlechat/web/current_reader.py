"""The reader who sent the current request: language, settings and rights."""

from dataclasses import replace
from functools import partial

from flask import url_for

from kindlechat.actions.action import ActionPlace
from kindlechat.web.access import Access, name_to_write
from kindlechat.web.conversation.outside_links import OutsideLinks
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.pair.sides import pair_line
from kindlechat.web.reader_settings import carried_code, current_reading
from kindlechat.web.services import current_templates, services


def current_reader(access: Access) -> Reader:
    """The reader for whom the current request renders this conversation's pages."""
    pair = pair_line() if access.may_write else None
    reader = _reader(access.outline.id, access.name, may_write=access.may_write, link=access.link)
    return replace(reader, pair=pair)


def asker(conversation_id: str) -> Reader:
    """The same for who knows the id of one of its replies, as none but those who may write do."""
    return _reader(conversation_id, name_to_write(conversation_id), may_write=True)


def _reader(conversation_id: str, name: str, *, may_write: bool, link: str = "") -> Reader:
    return Reader(
        templates=current_templates(),
        reading=current_reading(),
        carried=carried_code(),
        outside_links=outside_links(),
        conversation=name,
        shared=conversation_id,
        may_write=may_write,
        link=link,
        mails=services().mailer is not None,
        actions=services().actions.at(ActionPlace.ANSWER),
    )


def outside_links() -> OutsideLinks:
    """The links to other sites, on pages in the language of this request."""
    sign = partial(services().hasher.digest, "outside link")
    return OutsideLinks(url_for("pages.leave"), sign)
