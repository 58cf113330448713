"""Codes by which a reader confirms a mailbox: nothing of them has to be stored (pure)."""

import re
from collections.abc import Callable
from hmac import compare_digest

VALID_S = 3600
"""A code is valid for this time at least, and for twice this time at most."""

DIGITS = 8


class MailboxCodes:
    """Makes the code of a reader, a mailbox and an hour, and knows one that is still valid."""

    def __init__(self, digest: Callable[..., str]) -> None:
        """`digest` gives the keyed hash of some texts, in hexadecimal digits."""
        self._digest = digest

    def code(self, reader_id: str, mailbox: str, now: float) -> str:
        """The code that is sent to the mailbox, in two groups of four digits."""
        digits = self._digits(reader_id, mailbox, int(now // VALID_S))
        return f"{digits[:4]} {digits[4:]}"

    def accepts(self, given: str, reader_id: str, mailbox: str, now: float) -> bool:
        """Whether what was typed is the code of this hour or of the one before, however it is grouped."""
        typed = re.sub(r"\D", "", given)[: DIGITS + 1].encode()
        hours = (int(now // VALID_S), int(now // VALID_S) - 1)
        codes = [self._digits(reader_id, mailbox, hour).encode() for hour in hours]
        return any(compare_digest(code, typed) for code in codes)

    def _digits(self, reader_id: str, mailbox: str, hour: int) -> str:
        value = int(self._digest("mailbox code", reader_id, mailbox, str(hour)), 16)
        return f"{value % 10**DIGITS:0{DIGITS}}"
