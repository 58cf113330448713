"""What request handlers work with: made once by `create_app`, reached by `services()`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, current_app
from itsdangerous import Signer, TimestampSigner

from kindlechat.actions.action import Action, Actions
from kindlechat.newsletter.keys import NewsletterKeys
from kindlechat.pairing.keys import PairKeys
from kindlechat.pictures.cleaner import Cleaner
from kindlechat.readers.codes import MailboxCodes
from kindlechat.readers.keys import ReaderKeys
from kindlechat.relay import Relay
from kindlechat.rendering.ui.templates import LocalizedTemplates, Templates
from kindlechat.settings import Settings
from kindlechat.stores.contract import Store
from kindlechat.timings import Timings
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.hashing import Hasher
from kindlechat.web.middleware.language import current_language
from kindlechat.web.passcode import Passcode
from kindlechat.web.reader.seen_lately import SeenLately
from kindlechat.web.second_names import SecondNames

if TYPE_CHECKING:
    from kindlechat.mail.smtp import Mailer

EXTENSION = "kindlechat"


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one application.

    `write_keys` are the names of conversations for those who may write them, `share_names` those of shares
    in their links, `shelf_names` those of answers on a shelf. `public` is the folder of the built site.
    """

    settings: Settings
    timings: Timings
    store: Store
    relay: Relay
    templates: Templates
    live_answers: LiveAnswers
    passcode: Passcode
    hasher: Hasher
    write_keys: SecondNames
    share_names: SecondNames
    shelf_names: SecondNames
    newsletter_keys: NewsletterKeys
    reader_signer: Signer
    visit_signer: TimestampSigner
    reader_keys: ReaderKeys
    mailbox_codes: MailboxCodes
    pair_keys: PairKeys
    seen_lately: SeenLately
    mailer: "Mailer | None"
    cleaner: Cleaner
    actions: Actions
    public: Path

    def register(self, app: Flask) -> None:
        """Let the handlers of this application find them."""
        app.extensions[EXTENSION] = self


def services() -> Services:
    """The services of the application that handles the current request."""
    found: Services = current_app.extensions[EXTENSION]
    return found


def label_of(action: Action) -> str:
    """The words of an action's button in the language of this request."""
    templates = current_templates()
    return action.label(templates.sentence, templates.language.code)


def current_templates() -> LocalizedTemplates:
    """The templates in the language of the current request."""
    return services().templates.localized(current_language().code)
