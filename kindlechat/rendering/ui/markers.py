"""Comments that templates write and code looks for: each is named here once."""

from markupsafe import Markup

ANSWER_START = Markup("<!--answer-->")
ANSWER_END = Markup("<!--/answer-->")
"""Around the answer on a conversation's page, where a page that grows is split."""
