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


BY_TOKEN = frozenset({"newsletter.press"})
"""Posts that the token in their address allows, wherever they come from."""


def set_security_headers(response: Response) -> Response:
    """Add the headers that every answer carries."""
    for name, value in SECURITY_HEADERS.items():
        response.headers[name] = value
    return response


def refuse_cross_site() -> None:
    """Refuse a state-changing request that another site's page makes a browser send.

    Old browsers, text browsers and API clients do not say where a request comes from. Forms on our
    pages that act on what a reader owns hold a secret of their own, the conversation's write key.
    """
    harmless = request.method in ("GET", "HEAD", "OPTIONS") or request.endpoint in BY_TOKEN
    if not harmless and comes_from_here() is False:
        raise Refusal(403, "cross_site")


def comes_from_here() -> bool | None:
    """Whether the current request comes from a page of this site; None where it does not say so."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site in ("same-origin", "none")
    source = request.headers.get("Origin") or request.headers.get("Referer")
    if source is None:
        return None
    try:
        return urlsplit(source).netloc.lower() == request.host.lower()
    except ValueError:
        return False
