"""The current request's reading settings, and the pages that are dressed in them."""

from dataclasses import replace
from functools import lru_cache

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.rendering.device.browsers import is_desktop, refreshes_in_time
from kindlechat.rendering.device.devices import measured_screen
from kindlechat.rendering.device.dressing import PARAMETER, dress, with_code
from kindlechat.rendering.device.reading import Order, Reading, View
from kindlechat.reply import Depth
from kindlechat.web.middleware.language import current_language
from kindlechat.web.middleware.reader_settings import COOKIE

COOKIE_MAX_AGE_S = 400 * 86400  # browsers keep no cookie longer

SCREEN_COOKIE = "screen"
"""What site/assets/screen.js has measured."""

NEWEST = "look=0#newest"
"""The end of an address that leads to a conversation's newest turn. The server is not told the place: by the
number before it it knows that the browser goes there."""


def current_reading() -> Reading:
    """What the current request asks for. An address may be an old bookmark: it counts where there is no
    cookie."""
    code = request.cookies.get(COOKIE, request.args.get(PARAMETER, ""))
    browser = request.headers.get("User-Agent", "")
    return reading_of(code, browser, request.cookies.get(SCREEN_COOKIE, ""))


@lru_cache(maxsize=512)
def reading_of(code: str, browser: str, screen: str) -> Reading:
    """The settings of a code, of a browser by its name, and of a screen as a script measured it.

    They are kept, as a reader's are looked at several times in each request.
    """
    return replace(
        Reading.from_code(code),
        desktop=is_desktop(browser),
        refreshes=refreshes_in_time(browser),
        measured=measured_screen(screen),
    )


def newest_place() -> str:
    """What leads on a conversation's page to its newest turn, as the end of an address; "" where it is on
    top."""
    reading = current_reading()
    stands_last = reading.order is Order.LAST and reading.view is View.SCROLL
    return f"?{NEWEST}" if stands_last else ""


def carried_code() -> str:
    """The code that addresses have to carry on, where no cookie does it."""
    return carried_by(request.args.get(PARAMETER, ""), is_kept=COOKIE in request.cookies)


def carried_by(code: str, *, is_kept: bool) -> str:
    """The code to carry on where an address has this one; none where a cookie keeps the settings."""
    return "" if is_kept or not code else Reading.from_code(code).code  # what came may be anything


def current_depth() -> Depth:
    """How long the reader wants answers to be: what the form says beside its button, or the settings."""
    wanted = request.form.getlist("thorough")
    thorough = wanted[-1] == "True" if wanted else current_reading().thorough
    return Depth.THOROUGH if thorough else Depth.QUICK


def keep_depth(response: BaseResponse, depth: Depth) -> None:
    """Have the next form say the same beside its button."""
    current = current_reading()
    reading = replace(current, thorough=depth is Depth.THOROUGH)
    if reading != current:
        set_cookie(response, reading)
        if COOKIE not in request.cookies and "Location" in response.headers:
            location = response.headers["Location"]
            response.headers["Location"] = with_code(location, reading.code)


def set_cookie(response: BaseResponse, reading: Reading) -> None:
    """Keep the settings in this browser."""
    response.set_cookie(
        COOKIE, reading.code, max_age=COOKIE_MAX_AGE_S, httponly=True, samesite="Lax"
    )


def dress_response(response: Response) -> Response:
    """Put the settings on a page that is complete; where a form leads on, carry them along."""
    location = response.headers.get("Location", "")
    if location.startswith("/"):
        if f"?{PARAMETER}=" not in location:
            response.headers["Location"] = with_code(location, carried_code())
    elif response.mimetype == "text/html" and not response.direct_passthrough:
        html = response.get_data(as_text=True)
        response.set_data(dress(html, current_reading(), carried_code(), current_language().code))
    return response
