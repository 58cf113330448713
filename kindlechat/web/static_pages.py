"""Parts of the built site that the application serves itself: pages as one reader gets them, old assets."""

import mimetypes
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.rendering.ui.assets import ASSETS, Asset
from kindlechat.rendering.ui.languages import Language
from kindlechat.rendering.ui.markers import RECENT_PLACE
from kindlechat.web.middleware.language import CHOICE
from kindlechat.web.middleware.static_site import FOR_EVER, is_public, moved_to
from kindlechat.web.recent import paired_note, recent_conversations
from kindlechat.web.responses import html_page
from kindlechat.web.services import current_templates


def create_static_pages(public: Path, languages: Iterable[Language]) -> Blueprint:
    """The built site's pages as they are now, for readers with settings of their own."""
    pages = Blueprint("static_pages", __name__)
    codes = {language.code for language in languages}

    @pages.record_once
    def know_folders(state: BlueprintSetupState) -> None:
        state.app.url_map.converters["folder"] = _Folder

    @pages.get("/", defaults={"folder": ""})
    @pages.get("/<folder:folder>")
    def page(folder: str) -> BaseResponse:
        html = _read_page(public, request.script_root + request.path)
        if html is None:
            abort(404)
        to = moved_to(html)
        if to:
            return redirect(to, HTTPStatus.MOVED_PERMANENTLY)
        html = current_templates().complete(html)
        own = "" if folder else paired_note() + recent_conversations()
        response = html_page(html.replace(RECENT_PLACE, own))
        if request.args.get(CHOICE) in codes:
            response.set_cookie(CHOICE, request.args[CHOICE], httponly=True, samesite="Lax")
        return response

    return pages


def create_assets(assets: Mapping[str, Asset]) -> Blueprint:
    """The assets that this process's pages ask for, for when a build has replaced them by others."""
    blueprint = Blueprint("assets", __name__)
    data = {asset.address: asset.data for asset in assets.values()}

    @blueprint.get(f"/{ASSETS}/<name>")
    def asset(name: str) -> Response:
        address = f"/{ASSETS}/{name}"
        if address not in data:
            abort(404)
        mimetype, _ = mimetypes.guess_type(name)
        return Response(data[address], mimetype=mimetype, headers={"Cache-Control": FOR_EVER})

    return blueprint


class _Folder(BaseConverter):
    """The rest of an address that ends in a slash. Others are no pages, and none is led to a folder."""

    regex = ".*/"
    part_isolating = False


def _read_page(public: Path, address: str) -> str | None:
    """The page at an address, None where there is none. What is asked for may be anything."""
    public = public.resolve()
    file = public / address.lstrip("/") / "index.html"
    try:
        # No page has another name, such as /a/../help/.
        own = f"/{file.resolve().relative_to(public).as_posix().removesuffix('index.html')}"
        shown = own == address and is_public(file, public)
        return file.read_text(encoding="utf-8") if shown else None
    except (OSError, ValueError):
        return None
