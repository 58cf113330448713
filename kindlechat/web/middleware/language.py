"""The language of a request, which is that of its address: /ru/help/ is /help/ in Russian."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flask import request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.sansio.http import parse_cookie
from werkzeug.utils import redirect
from werkzeug.wsgi import get_host

from kindlechat.rendering.ui.languages import ENGLISH, Language, parts_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CHOICE = "lang"
"""The parameter, and the cookie, of who wants the first page in English whatever the browser prefers."""

HINT_VARIES = "Accept-Language, Cookie, Referer"
"""What decides whether the first page leads on: the `Vary` of either answer."""

_KEY = "kindlechat.language"


def current_language() -> Language:
    """The language of the current request."""
    return Language.of(language_code_in(request.environ))


def language_code_in(environ: "WSGIEnvironment") -> str:
    """The code of a request's language."""
    code: str = environ.get(_KEY, ENGLISH)
    return code


class LanguageRoot:
    """Moves a language's root from the path to SCRIPT_NAME (PEP 3333).

    So the application sees paths without a language, and the addresses that it makes have the language again.
    """

    def __init__(self, application: "WSGIApplication", languages: Iterable[Language]) -> None:
        self._application = application
        self._codes = {language.root: language.code for language in languages if language.root}

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        root = "/" + path[1:].partition("/")[0]
        if root in self._codes and path != root:
            environ[_KEY] = self._codes[root]
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + root
            environ["PATH_INFO"] = path[len(root) :]
        return self._application(environ, start_response)


class LanguageRedirect:
    """Redirects a first visit to the first page to the language that the browser prefers.

    Links within the site mean what they say, and so does a choice that was made before.
    """

    def __init__(self, application: "WSGIApplication", languages: Sequence[Language]) -> None:
        self._application = application
        self._roots = {language.code.lower(): language.root for language in languages}
        self._languages = {parts_of(language.code)[0]: language for language in languages}
        self._scripts = {self._script_of(language.code): language.root for language in languages}

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        first = environ["PATH_INFO"] == "/" and _has_chosen_nothing(environ)
        if first and (root := self._preferred(environ)):
            response = redirect(f"{root}/", 302)
            response.headers["Vary"] = HINT_VARIES
            response.headers["Cache-Control"] = "no-store"
            return response(environ, start_response)
        return self._application(environ, start_response)

    def _preferred(self, environ: "WSGIEnvironment") -> str:
        """The root of the language: of the first one that is ours, in the same letters at least.

        So pt-PT leads to pt-BR, and zh-TW leads on to what comes after it.
        """
        header = environ.get("HTTP_ACCEPT_LANGUAGE")
        # `best_match` would prefer a plain "ru" to the "en-GB" before it.
        for tag, quality in parse_accept_header(header, LanguageAccept):
            root = self._roots.get(tag.lower(), self._scripts.get(self._script_of(tag)))
            if quality > 0 and root is not None:
                return root
        return ""

    def _script_of(self, tag: str) -> tuple[str, str] | None:
        """A language of ours and the script that a tag means: zh-TW is Chinese in traditional signs."""
        name, territory, script = parts_of(tag)
        language = self._languages.get(name)
        return (name, script or language.script_in(territory)) if language else None


def _has_chosen_nothing(environ: "WSGIEnvironment") -> bool:
    _, _, referrer = environ.get("HTTP_REFERER", "").partition("://")
    return (
        environ["REQUEST_METHOD"] in ("GET", "HEAD")
        and not environ.get("QUERY_STRING")
        and CHOICE not in parse_cookie(environ.get("HTTP_COOKIE"))
        and referrer.partition("/")[0] != get_host(environ)
    )
