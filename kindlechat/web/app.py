"""The application: everything is wired here, from the settings."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
from flask import Flask
from itsdangerous import Signer, TimestampSigner
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Rule

from kindlechat.actions.action import Actions
from kindlechat.actions.presets import read_presets
from kindlechat.errors import SettingsError, StoreUnavailable
from kindlechat.logging import configure_logging
from kindlechat.newsletter.keys import NewsletterKeys
from kindlechat.pairing.keys import PairKeys
from kindlechat.pictures.cleaner import Cleaner, PictureProcess
from kindlechat.readers.codes import MailboxCodes
from kindlechat.readers.keys import ReaderKeys
from kindlechat.relay import Relay
from kindlechat.relay.factory import open_relay
from kindlechat.rendering.safety.checkpoint import aside_by, at_checkpoints
from kindlechat.rendering.ui.assets import Asset
from kindlechat.rendering.ui.templates import Templates
from kindlechat.settings import Settings
from kindlechat.stores.contract import Store
from kindlechat.stores.factory import open_store
from kindlechat.stores.retention import start_retention
from kindlechat.stores.watch import start_watch
from kindlechat.timings import Timings
from kindlechat.web.api import api
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation_pages import conversations
from kindlechat.web.error_pages import ErrorPages
from kindlechat.web.exports import exports
from kindlechat.web.hashing import Hasher
from kindlechat.web.library_pages import library
from kindlechat.web.manage_pages import manage
from kindlechat.web.me.mailing import mailing
from kindlechat.web.me.pages import me
from kindlechat.web.me.seen import note_current_reader
from kindlechat.web.me.shelf import shelf
from kindlechat.web.middleware.body import BodyDeadline
from kindlechat.web.middleware.connections import ConnectionLimit
from kindlechat.web.middleware.descriptors import Descriptors
from kindlechat.web.middleware.hosts import HostNames
from kindlechat.web.middleware.https import ForceHttps
from kindlechat.web.middleware.language import LanguageRedirect, LanguageRoot
from kindlechat.web.middleware.long_answers import LongAnswers
from kindlechat.web.middleware.mount import Mount
from kindlechat.web.middleware.polls import Polls
from kindlechat.web.middleware.reader_settings import ReaderSettingsRouter
from kindlechat.web.middleware.request_log import RequestLog
from kindlechat.web.middleware.security import refuse_cross_site, set_security_headers
from kindlechat.web.middleware.static_site import StaticSite
from kindlechat.web.newsletter import newsletter
from kindlechat.web.pages import pages
from kindlechat.web.pair.phone_pages import phone_side
from kindlechat.web.pair.reader_pages import reader_side
from kindlechat.web.passcode import Passcode
from kindlechat.web.pictures import pictures
from kindlechat.web.reader.identity import set_reader_cookie
from kindlechat.web.reader.seen_lately import SeenLately
from kindlechat.web.reader.settings import dress_response
from kindlechat.web.request.forms import MAX_FIELDS, FormRequest
from kindlechat.web.request.validation import MAX_BODY_BYTES
from kindlechat.web.responses import complete_box
from kindlechat.web.second_names import SecondNames
from kindlechat.web.services import Services
from kindlechat.web.serving.slices import Slices
from kindlechat.web.shared_pages import shares
from kindlechat.web.static_pages import create_assets, create_static_pages
from kindlechat.web.taps import taps
from kindlechat.web.words import words

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from kindlechat.mail.smtp import Mailer

ROOT = Path(__file__).resolve().parents[2]

MARK_CHARS = 8
"""So much of a hash tells secrets apart, and is too little to find one by."""

QUIET_BYTES = 4 * 1024 * 1024
"""A collection of garbage walks over live renderings of this size in about 10 ms."""

BLUEPRINTS = (
    *(api, pages, conversations, taps, words, exports, library, manage, shares, me, shelf, mailing),
    newsletter,
    *(phone_side, reader_side),
    pictures,
)
"""The handlers of all addresses but those of the built site."""


class Kindlechat(Flask):
    """The application, as the process that serves it needs to know it."""

    relay: Relay
    store: Store
    timings: Timings
    background: "list[gevent.Greenlet[..., None]]"
    mark: str
    slices: Slices
    live_answers: LiveAnswers
    grace_s: float
    request_class = FormRequest

    @property
    def is_quiet(self) -> bool:
        """Whether nobody works long, and what a collection of garbage has to walk over is little."""
        self.live_answers.drop_lapsed()
        return self.slices.is_quiet and self.live_answers.live_bytes <= QUIET_BYTES

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """A handler as it is: none here is asynchronous, and Flask would look at ten for each question."""
        return func

    def drain(self) -> None:
        """Take no new replies and end those under way, within the grace period."""
        self.relay.drain(self.grace_s)

    def close(self) -> None:
        """Close the store, after the last request: a copy of SQLite's file then holds everything."""
        gevent.killall(self.background)
        with suppress(StoreUnavailable):
            self.store.leave(self.mark)
        self.store.close()


def create_app(
    settings: Settings,
    root: Path = ROOT,
    *,
    timings: Timings = Timings(),
    rule_class: type[Rule] = Rule,
) -> Kindlechat:
    """The application for these settings; `root` holds `site/` and the built `public/`.

    `rule_class` is what routes are made of. Raises SettingsError where the site is not built, and
    StoreUnavailable.
    """
    configure_logging(settings.log_level, settings.log_format)
    services = _open_services(settings, root, timings)
    app = Kindlechat("kindlechat", static_folder=None)
    app.url_rule_class = rule_class
    app.relay = services.relay
    app.store = services.store
    app.timings = timings
    app.grace_s = settings.grace_s
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["MAX_FORM_PARTS"] = MAX_FIELDS
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # or a Cyrillic letter takes six bytes
    services.register(app)
    _add_handlers(app, services)
    _add_middleware(app, services)
    app.slices = Slices()
    app.live_answers = services.live_answers
    at_checkpoints(app.slices.give_way)
    aside_by(lambda work: gevent.get_hub().threadpool.apply(work))
    app.mark = services.hasher.digest("mark", "")[:MARK_CHARS]
    app.background = [
        start_watch(services.store, app.mark, timings),
        start_retention(services.store, settings.keep_s, timings),
    ]
    return app


def _open_services(settings: Settings, root: Path, timings: Timings) -> Services:
    public = root / "public"
    templates = Templates.load(root / "site", demo=settings.demo)
    templates.compile_all()  # now, as later it could fail for want of a file descriptor
    _check_built(public, templates.assets)
    store = open_store(settings, timings)
    secret = _secret(settings, store)
    hasher = Hasher(secret)
    return Services(
        settings=settings,
        timings=timings,
        store=store,
        relay=open_relay(settings, store, timings, _sentences(templates)),
        templates=templates,
        live_answers=LiveAnswers(cache_mib=settings.cache_mib, lapse_s=timings.poll_lapse_s),
        passcode=Passcode(settings.passcode, secret),
        hasher=hasher,
        write_keys=SecondNames(secret, "write key"),
        share_names=SecondNames(secret, "share"),
        shelf_names=SecondNames(secret, "shelf"),
        newsletter_keys=NewsletterKeys(secret),
        reader_signer=Signer(secret, salt="reader", digest_method=hashlib.sha256),
        visit_signer=TimestampSigner(secret, salt="visit", digest_method=hashlib.sha256),
        reader_keys=ReaderKeys(hasher.digest),
        mailbox_codes=MailboxCodes(hasher.digest),
        pair_keys=PairKeys(hasher.digest),
        seen_lately=SeenLately(settings.keep_s),
        mailer=_open_mailer(settings, timings),
        cleaner=_cleaner(timings),
        actions=Actions(read_presets(settings.presets) if settings.presets else ()),
        public=public,
    )


def _cleaner(timings: Timings) -> Cleaner:
    process = PictureProcess(timeout_s=timings.picture_process_s)
    return Cleaner(process, wait_s=timings.picture_wait_s)


def _open_mailer(settings: Settings, timings: Timings) -> "Mailer | None":
    if not settings.smtp or not settings.mail_from:
        return None
    from kindlechat.mail.smtp import Mailer  # with the library of mails: 1 MB, and most send none

    return Mailer(settings.smtp, settings.mail_from, timeout_s=timings.smtp_timeout_s)


def _secret(settings: Settings, store: Store) -> str:
    secret = settings.secret_key or store.secret()
    if secret is None:
        raise SettingsError("SECRET_KEY: expected a long random value, got nothing")
    return secret


def _add_handlers(app: Flask, services: Services) -> None:
    app.before_request(refuse_cross_site)
    app.after_request(set_security_headers)
    app.after_request(set_reader_cookie)
    app.after_request(note_current_reader)
    app.after_request(dress_response)
    app.after_request(complete_box)
    ErrorPages(services.templates, services.public).register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_blueprint(create_assets(services.templates.assets))
    app.register_blueprint(create_static_pages(services.public, services.templates.languages))


def _add_middleware(app: Flask, services: Services) -> None:
    """Put the built site in front of the application, and what the proxies say in front of both."""
    languages, settings = services.templates.languages, services.settings
    application = Polls(LongAnswers(app.wsgi_app), services)
    dynamic: WSGIApplication = LanguageRoot(application, languages)
    dynamic = BodyDeadline(dynamic, services.timings.body_s)
    if settings.connection_limit:
        dynamic = ConnectionLimit(dynamic, settings.connection_limit)
    static_site = StaticSite(dynamic, services.public)
    every_page = settings.demo or settings.presets is not None
    routed = ReaderSettingsRouter(static_site, dynamic, languages, every_page=every_page)
    wsgi: WSGIApplication = LanguageRedirect(routed, languages)
    if settings.force_https:
        wsgi = ForceHttps(wsgi)
    if settings.hosts:
        wsgi = HostNames(wsgi, settings.hosts)
    wsgi = Descriptors(wsgi)
    if settings.root or settings.trusted_proxies:
        wsgi = Mount(wsgi, settings.root, trusted_proxies=settings.trusted_proxies)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        wsgi = ProxyFix(wsgi, x_for=hops, x_proto=hops, x_host=0, x_port=0, x_prefix=0)
    wsgi = RequestLog(wsgi, lines=settings.log_requests)
    app.wsgi_app = wsgi  # type: ignore[method-assign]


def _sentences(templates: Templates) -> dict[str, Callable[..., str]]:
    """The function that says a sentence in each language, by the language's English name."""
    localized = [templates.localized(language.code) for language in templates.languages]
    return {each.language.english_name: each.sentence for each in localized}


def _check_built(public: Path, assets: Mapping[str, Asset]) -> None:
    missing = [
        asset.address for asset in assets.values() if not (public / asset.address[1:]).is_file()
    ]
    if missing or not (public / "index.html").is_file():
        raise SettingsError(
            f"expected the built site in {public.name}/, got none or an old one: run build_site.py"
        )
