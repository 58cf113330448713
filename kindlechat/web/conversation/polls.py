"""What a poll of a reply is told, and a stream of changes to a page: what came after the cursor."""

from collections.abc import Callable, Iterator

from kindlechat.rendering.ui.templates import LocalizedTemplates
from kindlechat.reply import next_poll_ms
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.conversation.streams import html_updates
from kindlechat.web.conversation.turns import describe
from kindlechat.web.conversation.updates import Updates
from kindlechat.web.services import Services


def text_poll(
    services: Services, templates: LocalizedTemplates, reply_id: str, cursor: int
) -> dict[str, object]:
    """The text after the cursor. Raises UnknownReply."""
    progress, silent_s = services.relay.progress(reply_id, cursor)
    return {
        **describe(templates, progress),
        "text": progress.text,
        "cursor": str(progress.cursor),
        "next_ms": next_poll_ms(progress.state, silent_s),
        **({"follow_ups": progress.follow_ups} if progress.follow_ups else {}),
    }


def html_poll(
    services: Services, reader_of: Callable[[str], Reader], reply_id: str, cursor: int
) -> dict[str, object]:
    """What changes on a page that shows the answer up to the cursor. Raises UnknownReply.

    `reader_of` gives the reader of a conversation.
    """
    log = services.relay.log(reply_id)
    reader = reader_of(log.conversation)
    progress, silent_s = log.poll(0)
    next_ms = next_poll_ms(progress.state, silent_s)
    still = silent_s >= services.timings.still_after_s
    updates = Updates(services.live_answers, reader, reply_id, cursor)
    return {
        **updates.tell(progress.text, progress, still),
        "next_ms": next_ms and max(next_ms, reader.reading.pace_ms),
    }


def html_stream(
    services: Services, reader_of: Callable[[str], Reader], reply_id: str, cursor: int
) -> Iterator[bytes]:
    """The same as it comes, with rests as long as the reader's screen needs. Raises UnknownReply."""
    reader = reader_of(services.relay.log(reply_id).conversation)
    updates = Updates(services.live_answers, reader, reply_id, cursor)
    return html_updates(services.relay.follow(reply_id, rest_s=reader.reading.rest_s), updates.news)
