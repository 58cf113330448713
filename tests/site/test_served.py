"""A build under a server that goes on running: what is served is the site as it is now."""

import os
import signal
import subprocess

import pytest
from flask import Flask
from werkzeug.test import Client

from kindlechat.rendering.assets import load_assets
from kindlechat.site.building import build
from kindlechat.site.serving import Site
from kindlechat.web.built import BuiltSite, create_assets
from tests.site.conftest import OPTIONS, front, write


def test_a_new_build_is_served_at_once(source, target):
    build(source, target, OPTIONS)
    application = Flask(__name__)
    assets = load_assets(source / "assets")
    application.register_blueprint(create_assets(assets))
    client = Client(BuiltSite(application.wsgi_app, target))

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
