"""Notes that readers were here, so that what is kept of them stays as long as they come."""

import time
from contextlib import suppress

from flask import Response

from kindlechat.errors import StoreUnavailable
from kindlechat.web.reader.identity import current_reader_id, owner_hash
from kindlechat.web.services import services


def note_seen(owner: str) -> None:
    """Note that the reader with this hash was here."""
    if services().seen_lately.is_due(owner, time.monotonic()):
        with suppress(StoreUnavailable):  # the next page tells it
            services().store.see_reader(owner)


def note_current_reader(response: Response) -> Response:
    """Note that the reader was here who sent the current request."""
    reader_id = current_reader_id()
    if reader_id is not None:
        note_seen(owner_hash(reader_id))
    return response
