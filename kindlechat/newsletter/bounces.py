"""Letters that came back: the mailboxes that refuse ours for good."""

from collections.abc import Iterator
from mailbox import Maildir
from pathlib import Path

from flufl.bounce import scan_message

SEEN = "S"
"""The flag of a message that was read (the Maildir format)."""


def bounced_mailboxes(folder: Path) -> Iterator[str]:
    """The mailboxes that the unseen messages of a Maildir say are gone; each is marked as seen after that.

    Raises OSError where the folder is no Maildir.
    """
    if not all((folder / part).is_dir() for part in ("cur", "new", "tmp")):
        raise NotADirectoryError(f"expected a Maildir (with cur, new and tmp), got {folder}")
    maildir = Maildir(folder, create=False)
    for key, message in maildir.items():
        if SEEN in message.get_flags():
            continue
        yield from sorted(each.decode("ascii", "replace") for each in scan_message(message))
        message.set_subdir("cur")
        message.add_flag(SEEN)
        maildir[key] = message
