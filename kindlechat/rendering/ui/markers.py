"""Markers that templates write and code looks for, each named here once."""

from markupsafe import Markup

ANSWER_START = Markup("<!--answer-->")
ANSWER_END = Markup("<!--/answer-->")
"""Around the answer on a conversation's page, where a page that grows is split."""

DEMO_PLACE = Markup("<!--demo-->")
RECENT_PLACE = Markup("<!--recent-->")
"""On pages of the built site: what the server that serves them puts there, the note that it is a
demonstration and the reader's last conversations."""

PRESETS_PLACE = Markup("<!--presets-->")
"""Beside Ask: where the server puts the operator's own buttons for what is in the box."""

KEY_FIELD = '<input type="hidden" name="idempotency_key" value="{}">'
NO_KEY = Markup(KEY_FIELD.format(""))  # noqa: S704 (a constant)
"""In a form that asks a question: the key is filled in where the page is made for one reader. On a page of
the built site, which caches keep for all, it stays empty."""


def with_key(html: str, key: str) -> str:
    """A page whose question box has a key."""
    return html.replace(NO_KEY, KEY_FIELD.format(key))
