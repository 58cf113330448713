"""The application: everything is wired here, from the settings."""

import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from itsdangerous import TimestampSigner
from werkzeug.middleware.proxy_fix import ProxyFix

from kindlechat.errors import SettingsError
from kindlechat.relay import Relay
from kindlechat.rendering.ui.assets import Asset
from kindlechat.rendering.ui.languages import Language
from kindlechat.rendering.ui.templates import Templates
from kindlechat.settings import Settings
from kindlechat.stores.factory import open_store
from kindlechat.stores.retention import start_retention
from kindlechat.timings import Timings
from kindlechat.upstream.client import GeminiClient
from kindlechat.upstream.gemini import Generation
from kindlechat.web.api import create_api
from kindlechat.web.conversation.live_answers import Answers
from kindlechat.web.error_pages import register_errors
from kindlechat.web.forms import FormRequest
from kindlechat.web.intake import MAX_BODY_BYTES, Desk
from kindlechat.web.middleware.language import LanguageFirst, LanguageHint
from kindlechat.web.middleware.security import (
    HttpsOnly,
    refuse_cross_site,
    set_security_headers,
)
from kindlechat.web.middleware.static_site import BuiltSite, create_assets
from kindlechat.web.pages import create_pages
from kindlechat.web.passcode import Passcode
from kindlechat.web.reader_settings import SettingsFirst, create_static_pages, dress_response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ROOT = Path(__file__).resolve().parents[2]


class Kindlechat(Flask):
    """The application, as the process that serves it needs to know it."""

    relay: Relay
    grace_s: float
    request_class = FormRequest

    def drain(self) -> None:
        """Take no new replies and end those under way, within the grace period."""
        self.relay.drain(self.grace_s)


def create_app(
    settings: Settings, root: Path = ROOT, *, timings: Timings = Timings()
) -> Kindlechat:
    """The application for these settings; `root` holds `site/` and the built `public/`.

    Raises SettingsError where the site is not built, and StoreUnavailable.
    """
    public = root / "public"
    templates = Templates.load(root / "site", demo=settings.demo)
    _check_built(public, templates.assets)
    store = open_store(settings, timings)
    secret = settings.secret_key or store.secret()
    if secret is None:
        raise SettingsError("SECRET_KEY: expected a long random value, got nothing")
    client = open_client(settings, templates, timings)
    relay = Relay(store, client, concurrency_limit=settings.concurrency_limit, timings=timings)
    passcode = Passcode(settings.passcode, TimestampSigner(secret, salt="passcode"))
    answers = Answers()
    desk = Desk(settings, store, relay, passcode, _marker(secret))

    app = Kindlechat("kindlechat", static_folder=None)
    app.relay = relay
    app.grace_s = settings.grace_s
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # or a Cyrillic letter takes six bytes
    app.logger.setLevel(logging.WARNING)
    app.before_request(refuse_cross_site)
    app.after_request(set_security_headers)
    app.after_request(dress_response)
    register_errors(app, templates, public)
    app.register_blueprint(create_api(relay, store, desk, templates, answers, timings))
    app.register_blueprint(create_pages(relay, store, desk, passcode, templates, answers, timings))
    app.register_blueprint(create_assets(templates.assets))
    app.register_blueprint(create_static_pages(public, templates.languages))
    start_retention(store, settings.keep_s, timings)
    _wrap(app, settings, public, templates.languages)
    return app


def open_client(settings: Settings, templates: Templates, timings: Timings) -> GeminiClient:
    """The client for the upstream that the settings name; starts the demonstration where none is,
    which speaks the languages of the templates."""
    base_url = settings.upstream_url
    if settings.demo:
        from kindlechat.upstream.demo import create_demo, serve_demo

        localized = [templates.localized(language.code) for language in templates.languages]
        server = serve_demo(
            create_demo({each.language.english_name: each.sentence for each in localized})
        )
        base_url = f"http://{server.server_host}:{server.server_port}"
    return GeminiClient(
        base_url,
        settings.gemini_model,
        settings.gemini_api_key,
        Generation(
            settings.gemini_max_output_tokens,
            settings.gemini_temperature,
            settings.gemini_thinking_level,
        ),
        timings=timings,
    )


def _marker(secret: str) -> "hmac.HMAC":
    """Turns addresses and questions into marks that say nothing to who reads the store."""
    return hmac.new(secret.encode(), b"kindlechat mark:", hashlib.sha256)


def _check_built(public: Path, assets: Mapping[str, Asset]) -> None:
    missing = [
        asset.address for asset in assets.values() if not (public / asset.address[1:]).is_file()
    ]
    if missing or not (public / "index.html").is_file():
        raise SettingsError(
            f"expected the built site in {public.name}/, got none or an old one: run build_site.py"
        )


def _wrap(app: Flask, settings: Settings, public: Path, languages: Sequence[Language]) -> None:
    """Put the built site in front of the application, and the proxies' word in front of both."""
    dynamic = LanguageFirst(app.wsgi_app, languages)
    static = BuiltSite(dynamic, public)
    wsgi: WSGIApplication = LanguageHint(SettingsFirst(static, dynamic), languages)
    if settings.force_https:
        wsgi = HttpsOnly(wsgi)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        wsgi = ProxyFix(wsgi, x_for=hops, x_proto=hops, x_host=0, x_port=0, x_prefix=0)
    app.wsgi_app = wsgi  # type: ignore[assignment, method-assign]
