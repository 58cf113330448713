"""The current request's reading settings, and the pages that are dressed in them."""

from dataclasses import replace

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.rendering.device.browsers import is_desktop
from kindlechat.rendering.device.dressing import PARAMETER, dress, with_code
from kindlechat.rendering.device.reading import Reading
from kindlechat.web.middleware.language import current_language
from kindlechat.web.middleware.reader_settings import COOKIE

COOKIE_MAX_AGE_S = 400 * 86400  # browsers keep no cookie longer


def current_reading() -> Reading:
    """What the current request asks for: the address counts for more than the cookie."""
    reading = Reading.from_code(request.args.get(PARAMETER) or request.cookies.get(COOKIE, ""))
    return replace(reading, desktop=is_desktop(request.headers.get("User-Agent", "")))


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
        html = response.get_data(as_text=True)
        response.set_data(dress(html, current_reading(), carried, current_language().code))
    return response
