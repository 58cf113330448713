"""Leads links of answers to other sites through a page of ours (pure).

Some browsers send a site the address of the page with the link, and the address of a conversation must
stay private."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from html import unescape
from urllib.parse import quote, urlsplit

from kindlechat.rendering.answer.addresses import is_web_address
from kindlechat.rendering.safety.checkpoint import checkpoint

OUTSIDE = re.compile(r'(<a\b[^>]*? ?href=")(https?://[^"]*)"')

OUT = "/out"
"""The address of the page of ours, below the root of a language."""

SIGNATURE_CHARS = 16


@dataclass(frozen=True)
class OutsideLinks:
    """Leads links through the page at `path`; `sign` proves that a link was one of an answer here.

    So the page is of no use to anybody who wants readers to believe that this site sends them elsewhere.
    """

    path: str
    sign: Callable[[str], str]

    def lead(self, html: str) -> str:
        """The HTML of an answer with its links led through the page."""
        return OUTSIDE.sub(self._lead, html)

    def accepts(self, address: str, signature: str) -> bool:
        """Whether this is a link that was led through the page."""
        return compare_digest(self._signature(address).encode(), signature.encode())

    def _lead(self, link: re.Match[str]) -> str:
        checkpoint()
        return f'{link[1]}{self._address(unescape(link[2]))}"'

    def _address(self, address: str) -> str:
        return f"{self.path}?to={quote(address, safe='')}&amp;s={self._signature(address)}"

    def _signature(self, address: str) -> str:
        return self.sign(address)[:SIGNATURE_CHARS]


def real_host(address: str) -> str:
    """The host that a web address leads to; empty for what is no such address."""
    return (urlsplit(address).hostname or "") if is_web_address(address) else ""
