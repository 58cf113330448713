"""Patches this process for gevent, as the server's is, before anything imports ssl or sockets.

And werkzeug, so that an application takes half of the time to start.
"""

from collections.abc import Callable
from typing import Any, cast

from gevent import monkey

monkey.patch_all()

from werkzeug.routing import Rule  # noqa: E402 (imports sockets)

Builder = Callable[..., tuple[str, str]]

_compile_builder = Rule._compile_builder


def _compile_when_asked(rule: Rule, append_unknown: bool = True) -> Builder:
    """Compile what builds addresses when an address is built.

    werkzeug compiles two functions for each of a hundred routes: most of the time that an application takes
    to start. A server does it once; the tests start hundreds of applications and need few addresses of each.
    """
    made: list[Builder] = []

    def build(*arguments: Any, **more: Any) -> tuple[str, str]:
        if not made:
            made.append(_compile_builder(rule, append_unknown))
        return made[0](*arguments, **more)

    return build


cast(Any, Rule)._compile_builder = _compile_when_asked
