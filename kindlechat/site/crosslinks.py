"""Checks the links between texts that appear on different days, or in different languages. Pure.

A mistake must be told when the text is written. On the day when a post appears by itself it would keep the
chat from starting.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from urllib.parse import urljoin

from kindlechat.rendering.ui.languages import Language
from kindlechat.site.content import Document
from kindlechat.site.mistakes import Mistake


def early_links(
    documents: Sequence[Document], today: date, languages: Mapping[str, Language]
) -> Iterator[Mistake]:
    """Mistakes where a later post links to one that is not there yet on its day.

    A document that is published by today may link to any other one that is, whichever is older.
    """
    since = {
        address: document.since
        for document in documents
        for address in (document.address(languages[document.lang]), *document.front.aliases)
    }
    for document in documents:
        if document.is_due(today):
            continue
        for line, address, _ in _links(document, languages[document.lang]):
            day = since.get(address, date.min)
            if day > document.since:
                why = "is a draft" if day == date.max else f"is there from {day} on"
                what = f"{address} {why}, too late for this post"
                yield Mistake(document.file, line, what)


def english_links(
    documents: Sequence[Document], since: Mapping[str, date], languages: Mapping[str, Language]
) -> Iterator[Mistake]:
    """Mistakes where a translator forgot a link to an English page. `since` has the days of all pages.

    While only the English page is there, such a link is right. So it is a mistake where the page in the
    text's own language is there from the first day of the text, or of the English page.
    """
    for document in documents:
        language = languages[document.lang]
        for line, address, rest in _links(document, language) if language.root else ():
            own = language.root + address
            if own in since and since[own] <= max(document.day, since.get(address, date.min)):
                what = f"{address}{rest} is English; in this language it is {own}{rest}"
                yield Mistake(document.file, line, what)


def _links(document: Document, language: Language) -> Iterator[tuple[int, str, str]]:
    """The links of a text to pages of the site: the line, the page's address, and what follows it."""
    for link in document.links:
        path = re.split(r"[?#]", link.address)[0]
        yield link.line, urljoin(document.address(language), path), link.address[len(path) :]
