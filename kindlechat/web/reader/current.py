"""The reader who sent the current request: language, settings and rights."""

from dataclasses import replace
from functools import partial

from flask import request

from kindlechat.actions.action import ActionPlace
from kindlechat.rendering.device.reading import Reading
from kindlechat.rendering.ui.templates import LocalizedTemplates
from kindlechat.web.access import Access
from kindlechat.web.conversation.outside_links import OUT, OutsideLinks
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.pair.sides import pair_line
from kindlechat.web.reader.settings import carried_code, current_reading
from kindlechat.web.services import Services, current_templates, services


def current_reader(access: Access) -> Reader:
    """The reader for whom the current request renders this conversation's pages."""
    return replace(
        asker(access.outline.id),
        conversation=access.name,
        may_write=access.may_write,
        link=access.link,
        pair=pair_line() if access.may_write else None,
    )


def asker(conversation_id: str) -> Reader:
    """The same for who knows the id of one of its replies, as none but those who may write do."""
    templates, root, reading = current_templates(), request.script_root, current_reading()
    return asker_with(services(), conversation_id, templates, root, reading, carried_code())


def asker_with(
    services: Services,
    conversation_id: str,
    templates: LocalizedTemplates,
    root: str,
    reading: Reading,
    carried: str,
) -> Reader:
    """The same for any request; `root` is what addresses on its pages begin with."""
    return Reader(
        templates=templates,
        reading=reading,
        carried=carried,
        outside_links=_outside_links(services, root),
        conversation=services.write_keys.name_of(conversation_id) or conversation_id,
        shared=conversation_id,
        may_write=True,
        mails=services.mailer is not None,
        actions=services.actions.at(ActionPlace.ANSWER),
    )


def outside_links() -> OutsideLinks:
    """The links to other sites, on pages in the language of this request."""
    return _outside_links(services(), request.script_root)


def _outside_links(services: Services, root: str) -> OutsideLinks:
    return OutsideLinks(f"{root}{OUT}", partial(services.hasher.digest, "outside link"))
