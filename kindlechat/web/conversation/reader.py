"""For whom a conversation is rendered: in which language, with which settings and rights."""

from dataclasses import dataclass

from kindlechat.actions.action import Action
from kindlechat.rendering.device.dressing import dress
from kindlechat.rendering.device.glyphs import fit_html
from kindlechat.rendering.device.reading import Reading
from kindlechat.rendering.ui.templates import LocalizedTemplates
from kindlechat.web.conversation.outside_links import OutsideLinks


@dataclass(frozen=True)
class PairLine:
    """What pages say of the phone that is paired with their reader: the address of the `page` where that can
    be ended, the one at which to `look` for what the phone asks, and the `query` by which the page itself
    follows it. `let_in` says that the phone has let the reader in."""

    page: str
    look: str
    query: str
    let_in: bool


@dataclass(frozen=True)
class Reader:
    """Who sent a request. `carried` is the code of settings that addresses on the pages carry.

    `conversation` is what they call the conversation: a name that holds the right to write it where
    this reader `may_write`. `shared` is its name for others, who read. With `link` it is read by that
    shared link, and no other name of it is on its pages. `mails` says that answers can be sent by mail,
    `pair` that a phone is paired with this reader. `actions` are those that an answer offers.
    """

    templates: LocalizedTemplates
    reading: Reading
    carried: str
    outside_links: OutsideLinks
    conversation: str
    shared: str
    may_write: bool
    link: str = ""
    mails: bool = False
    actions: tuple[Action, ...] = ()
    pair: PairLine | None = None

    @property
    def page(self) -> str:
        """The address of the conversation's page below the language's root."""
        return f"/s/{self.link}" if self.link else f"/c/{self.conversation}"

    @property
    def files(self) -> str:
        """What the addresses of its files begin with. A device may keep them, so they let only read."""
        return f"/s/{self.link}" if self.link else f"/c/{self.shared}"

    @property
    def question_label(self) -> str:
        """The name of the sentence before a question: who only reads has not asked it."""
        return "ui.you_asked" if self.may_write else "ui.question"

    def dress(self, html: str) -> str:
        """A page, or a part of one with addresses of this site, as this reader gets it."""
        return dress(html, self.reading, self.carried, self.language)

    def fit(self, html: str) -> str:
        """A part of an answer as it is sent to a page that shows the rest."""
        return fit_html(self.outside_links.lead(html), self.reading.glyphs, self.language)

    @property
    def language(self) -> str:
        """The code of the language of the pages."""
        return self.templates.language.code
