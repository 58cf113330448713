"""What protects every page and endpoint: headers, and the refusal of cross-site posts."""

from urllib.parse import urlsplit

from flask import Response, request

from kindlechat.web.refusal import Refusal

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers would send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
}


def set_security_headers(response: Response) -> Response:
    """Add the headers that every answer carries."""
    for name, value in SECURITY_HEADERS.items():
        response.headers[name] = value
    return response


def refuse_cross_site() -> None:
    """Refuse a state-changing request that another site's page makes a browser send.

    Old browsers send none of the three headers; neither do text browsers and API clients. They carry
    no ambient authority worth forging except the passcode's cookie, which is SameSite.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        same = fetch_site in ("same-origin", "none")
    else:
        source = request.headers.get("Origin") or request.headers.get("Referer")
        try:
            same = source is None or urlsplit(source).netloc.lower() == request.host.lower()
        except ValueError:
            same = False
    if not same:
        raise Refusal(403, "cross_site")
