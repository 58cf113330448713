"""Which version of a turn a page or a file shows, as its address asks."""

from kindlechat.conversation import Outline
from kindlechat.errors import UnknownConversation
from kindlechat.web.services import services


def with_version(outline: Outline, number: int, version: int) -> Outline:
    """The conversation with that version of a turn, both counted from 1, in the place of the one that
    counts. Raises UnknownConversation where it was deleted since the outline was read."""
    turn = outline.replies[number - 1]
    if version == turn.version:
        return outline
    reply = services().store.reply(turn.versions[version - 1])
    if reply is None:
        raise UnknownConversation
    return outline.showing(number, reply)
