"""The present request's reading settings, and the pages that are dressed in them."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from flask import Blueprint, Response, abort, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.rendering.device.dressing import PARAMETER, dress, with_code
from kindlechat.rendering.device.reading import Reading
from kindlechat.rendering.ui.languages import Language
from kindlechat.web.middleware.language import CHOICE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

COOKIE = "reading"
NOT_STORED = {"Cache-Control": "no-store"}
COOKIE_MAX_AGE_S = 400 * 86400  # browsers keep no cookie longer


def current_reading() -> Reading:
    """What the present request asks for: the address counts for more than the cookie."""
    return Reading.from_code(request.args.get(PARAMETER) or request.cookies.get(COOKIE, ""))


def carried_code() -> str:
    """The code that addresses have to carry on, where no cookie does it."""
    code = request.args.get(PARAMETER, "")
    if not code or code == request.cookies.get(COOKIE):
        return ""
    return Reading.from_code(code).code  # what came may be anything


def set_cookie(response: BaseResponse, reading: Reading) -> None:
    """Keep the settings in this browser."""
    response.set_cookie(
        COOKIE, reading.code, max_age=COOKIE_MAX_AGE_S, httponly=True, samesite="Lax"
    )


def dress_response(response: Response) -> Response:
    """Put the settings on a page that is complete; where a form leads on, carry them along."""
    carried = carried_code()
    location = response.headers.get("Location", "")
    if location.startswith("/"):
        if f"?{PARAMETER}=" not in location:
            response.headers["Location"] = with_code(location, carried)
    elif response.mimetype == "text/html" and not response.direct_passthrough:
        response.set_data(dress(response.get_data(as_text=True), current_reading(), carried))
    return response


def create_static_pages(public: Path, languages: Iterable[Language]) -> Blueprint:
    """The built site's pages as they are now, for readers with settings of their own."""
    pages = Blueprint("static_pages", __name__)
    codes = {language.code for language in languages}

    @pages.record_once
    def know_folders(state: BlueprintSetupState) -> None:
        state.app.url_map.converters["folder"] = _Folder

    @pages.get("/", defaults={"folder": ""})
    @pages.get("/<folder:folder>")
    def page(folder: str) -> Response:
        html = _read_page(public, request.script_root + request.path)
        if html is None:
            abort(404)
        response = Response(html, mimetype="text/html", headers=NOT_STORED)
        if request.args.get(CHOICE) in codes:
            response.set_cookie(CHOICE, request.args[CHOICE], httponly=True, samesite="Lax")
        return response

    return pages


class _Folder(BaseConverter):
    """The rest of an address that ends in a slash. Others are no pages, and none is led to a folder."""

    regex = ".*/"
    part_isolating = False


def _read_page(public: Path, address: str) -> str | None:
    """The page at an address, None where there is none. What is asked for may be anything."""
    public = public.resolve()
    try:
        file = (public / address.lstrip("/") / "index.html").resolve()
        # Neither a file of another folder, nor a page by another name, such as /a/../help/.
        own = f"/{file.relative_to(public).as_posix().removesuffix('index.html')}"
        return file.read_text(encoding="utf-8") if own == address else None
    except (OSError, ValueError):
        return None


class SettingsFirst:
    """Leaves a static page that a reader's settings change to the application."""

    def __init__(self, static: "WSGIApplication", application: "WSGIApplication") -> None:
        self._static = static
        self._application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        is_page = environ["PATH_INFO"].endswith("/")
        chosen = self._application if is_page and _has_settings(environ) else self._static
        return chosen(environ, start_response)


def _has_settings(environ: "WSGIEnvironment") -> bool:
    asked = parse_qs(environ.get("QUERY_STRING", ""))
    return PARAMETER in asked or CHOICE in asked or COOKIE in environ.get("HTTP_COOKIE", "")
