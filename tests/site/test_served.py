"""A build under a server that goes on running: what is served is the site as it is now."""

from flask import Flask
from werkzeug.test import Client

from kindlechat.rendering.assets import load_assets
from kindlechat.site.building import build
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
