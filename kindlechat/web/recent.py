"""What the first page has for a reader who is known: the last conversations, and the phone that is paired."""

from kindlechat.errors import StoreUnavailable
from kindlechat.rendering.answer.direction import is_rtl
from kindlechat.web.pair.sides import pair_line
from kindlechat.web.reader.identity import current_owner_hash
from kindlechat.web.reader.settings import newest_place
from kindlechat.web.services import current_templates, services

SHOWN = 5


def recent_conversations() -> str:
    """The list of the current reader's last conversations as HTML; "" where there are none."""
    owner = current_owner_hash()
    if not owner:
        return ""
    try:
        owned = services().store.list_owned(owner, SHOWN)
    except StoreUnavailable:
        return ""  # one can still ask, and is told then
    if not owned:
        return ""
    return current_templates().render(
        "recent.html", owned=owned, is_rtl=is_rtl, newest_place=newest_place()
    )


def paired_note() -> str:
    """That a phone is paired with the current reader, as HTML; "" where none is."""
    try:
        pair = pair_line()
    except StoreUnavailable:
        return ""
    return current_templates().render("paired.html", pair=pair) if pair else ""
