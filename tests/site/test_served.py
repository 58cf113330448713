"""A build under a server that goes on running: what is served is the site as it is now."""

import gzip
import os
import shutil
import signal
import subprocess
from types import SimpleNamespace

import pytest
from flask import Flask
from itsdangerous import Signer
from werkzeug.test import Client

from harness.servers import ROOT
from kindlechat.rendering.ui.assets import load_assets
from kindlechat.rendering.ui.languages import Language
from kindlechat.rendering.ui.templates import Templates
from kindlechat.site.building import build
from kindlechat.site.serving import Site
from kindlechat.web.middleware.language import LanguageRoot
from kindlechat.web.middleware.mount import Mount
from kindlechat.web.middleware.reader_settings import ReaderSettingsRouter
from kindlechat.web.middleware.static_site import StaticSite
from kindlechat.web.services import EXTENSION
from kindlechat.web.static_pages import create_assets, create_static_pages
from tests.cases import cases
from tests.site.conftest import OPTIONS, catalog, front, write


def test_a_new_build_is_served_at_once(source, target):
    build(source, target, OPTIONS)
    application = Flask(__name__)
    assets = load_assets(source / "assets")
    application.register_blueprint(create_assets(assets))
    client = Client(StaticSite(application.wsgi_app, target))

    def get(address):
        return client.get(address, buffered=True)

    assert "Words." in get("/").text
    assert get("/blog/hello/").status_code == 200

    write(source, {"content/en/index.md": front("First") + "Many more words.\n"})
    write(source, {"assets/style.css": "p{color:black}"})
    (source / "content/en/blog/hello.md").unlink()
    build(source, target, OPTIONS)

    home = get("/")
    assert "Many more words." in home.text
    assert home.content_length == len(home.data)
    assert get("/blog/hello/").status_code == 404
    for asset in (*assets.values(), *load_assets(source / "assets").values()):
        style = get(asset.address)
        assert (style.data, style.mimetype) == (asset.data, "text/css")
        assert "immutable" in style.headers["Cache-Control"]
    assert get("/assets/other.css").status_code == 404


class Built(Exception):
    pass


def test_no_change_goes_unseen_once_the_server_says_where_it_is(source, target):
    def say(words):
        raise Built

    late = source / "late.txt"
    touch = ["sh", "-c", 'sleep 10; exec touch "$0"', late]
    with subprocess.Popen(touch, start_new_session=True) as ender:  # or it would watch for ever
        with pytest.raises(Built):
            Site(source, target, OPTIONS, say).build_on_change(
                lambda: write(source, {"content/en/index.md": front("Other")})
            )
        os.killpg(ender.pid, signal.SIGKILL)
    assert not late.exists()
    assert b"<title>Other</title>" in (target / "index.html").read_bytes()


MOVED_POT = """
msgctxt "ui.moved"
msgid "Moved"
msgstr ""
"""

# For readers with settings of their own, whose pages the application serves


@pytest.fixture
def reader(source, target):
    """A browser with saved settings, of a server that starts with the site as it is at first."""
    build(source, target, OPTIONS)
    application = Flask(__name__)
    templates = Templates.load(ROOT / "site", demo=False)
    languages = [Language.of("en"), Language.of("ru")]
    application.extensions[EXTENSION] = SimpleNamespace(
        templates=templates, reader_signer=Signer("a secret")
    )
    application.register_blueprint(create_static_pages(target, languages))
    application.post("/ask")(lambda: "asked")
    dynamic = LanguageRoot(application.wsgi_app, languages)
    client = Client(ReaderSettingsRouter(StaticSite(dynamic, target), dynamic, languages))
    client.set_cookie("reading", "s20")
    return client


@pytest.mark.parametrize("root", ["", "/ru"])
def test_a_page_built_later_is_there_for_who_has_settings(reader, source, target, root):
    assert reader.get(f"{root}/new/").status_code == 404
    write(source, {f"content/{root[1:] or 'en'}/new.md": front("New") + "Über “new” things.\n"})
    build(source, target, OPTIONS)
    page = reader.get(f"{root}/new/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "Über “new” things." in page.text
    assert page.headers["Cache-Control"] == "no-store", "the application's, not the file's"
    (source / f"content/{root[1:] or 'en'}/new.md").unlink()
    build(source, target, OPTIONS)
    assert reader.get(f"{root}/new/").status_code == 404


def test_the_first_pages_are_there_for_who_has_settings(reader):
    assert "Words." in reader.get("/").text
    assert "Слова." in reader.get("/ru/").text


@pytest.fixture
def secret(target):
    """A folder beside the site, which a link in it leads to."""
    write(target.parent, {"secret/index.html": "secret"})
    (target / "secret").symlink_to(target.parent / "secret")


@cases(
    "address",
    [
        *("/../secret/", "/%2e%2e/secret/", "/ru/../../secret/", "/blog/../", "/./", "/ru/./"),
        *("/nothing/", "/index.html/", "/%00/", "/%ff/", "/" + "a" * 300 + "/", "/secret/"),
    ],
)
def test_other_addresses_are_no_pages(reader, secret, address):
    assert reader.get(address).status_code == 404


def test_an_address_without_a_slash_is_led_to_no_page(reader):
    assert reader.get("/nothing").status_code == 404
    assert reader.get("/ask").status_code == 405
    assert reader.post("/nothing").status_code == 404
    assert reader.post("/ask").text == "asked"


# How files are sent


@pytest.fixture
def browser_of(tmp_path):
    def browser(source, name):
        """A browser of an instance that has built the site itself, at another time."""
        target = tmp_path / name / "public"
        build(source, target, OPTIONS)
        for file in target.rglob("*"):
            os.utime(file, (len(name), len(name)))
        application = Flask(__name__)
        return Client(StaticSite(application.wsgi_app, target))

    return browser


LONG = front("Long") + "Many words. " * 300 + "\n"


def test_all_instances_have_one_etag_for_one_content(source, browser_of):
    one, other = browser_of(source, "a"), browser_of(source, "other")
    write(source, {"content/en/index.md": front("First") + "Other.\n"})
    changed = browser_of(source, "changed")

    def etag(client, address):
        return client.get(address, buffered=True).headers["ETag"]

    for address in ("/", "/robots.txt", "/blog/hello/", "/assets/style.806db221.css"):
        assert etag(one, address) == etag(other, address)
        known = {"If-None-Match": etag(one, address)}
        again = other.get(address, buffered=True, headers=known)
        assert (again.status_code, again.data) == (304, b"")
        assert (etag(changed, address) == etag(one, address)) == (address != "/")


def test_text_is_sent_packed_to_who_can_unpack_it(source, browser_of):
    write(source, {"content/en/index.md": LONG, "content/en/long.md": LONG})
    client = browser_of(source, "long")
    for address in ("/", "/long/"):
        plain = client.get(address, buffered=True)
        packed = client.get(address, buffered=True, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert packed.content_length == len(packed.data) < len(plain.data) / 5
        assert packed.mimetype == "text/html"
        for page in (plain, packed):
            told = ", ".join(page.headers.getlist("Vary"))
            assert "Accept-Encoding" in told
            assert ("Accept-Language" in told) == (address == "/")
    assert client.get("/index.html.gz", buffered=True).status_code == 404


def test_packed_pages_get_the_path_of_a_mounted_site_too(source, target):
    write(source, {"content/en/index.md": LONG})
    build(source, target, OPTIONS)
    application = Flask(__name__)
    site = Mount(StaticSite(application.wsgi_app, target), "/chat", trusted_proxies=0)
    page = Client(site).get("/chat/", buffered=True, headers={"Accept-Encoding": "gzip"})
    assert 'href="/chat/assets/style.' in page.text


@pytest.mark.parametrize("cookies", [False, True])
def test_a_former_address_of_a_page_leads_to_it_for_ever(reader, source, target, cookies):
    shutil.copy(ROOT / "site/templates/moved.html", source / "templates/moved.html")
    pot = source / "translations/messages.pot"
    write(source, {"translations/messages.pot": pot.read_text() + MOVED_POT})
    write(source, {"translations/ru.po": catalog(ui_moved=("Moved", "Переехало"))})
    write(source, {"content/ru/new.md": front("New", aliases="[/old/, /ru/older.html]")})
    build(source, target, OPTIONS)
    if not cookies:
        reader.delete_cookie("reading")
    for address in ("/old/", "/ru/older.html"):
        moved = reader.get(address)
        assert (moved.status_code, moved.headers["Location"]) == (301, "/ru/new/")
    assert reader.get("/ru/new/", buffered=True).status_code == 200


def test_what_is_hidden_and_what_lies_elsewhere_is_not_served(source, target, tmp_path):
    build(source, target, OPTIONS)
    secret = tmp_path / "secret"
    write(secret, {"index.html": "A secret.", "key.txt": "A secret."})
    write(target, {".env": "A secret.", ".git/config": "A secret.", ".git/index.html": "A secret."})
    write(target, {".well-known/security.txt": "No secret.", ".well-known/.env": "A secret."})
    (target / "link.txt").symlink_to(secret / "key.txt")
    (target / "linked").symlink_to(secret)
    (target / "same.txt").symlink_to(target / "robots.txt")
    application = Flask(__name__)
    application.register_blueprint(create_static_pages(target, [Language.of("en")]))
    client = Client(StaticSite(application.wsgi_app, target))
    assert client.get("/.well-known/security.txt", buffered=True).status_code == 200
    hidden = ("/.env", "/.git/config", "/.git/", "/.well-known/.env")
    for address in (*hidden, "/link.txt", "/linked/", "/linked/key.txt"):
        for query in ("", "?r=1"):
            assert client.get(address + query, buffered=True).status_code == 404, address
    assert client.get("/same.txt", buffered=True).status_code == 200
