"""The application with its patience divided by TEST_HASTE, so that tests of it need not wait as long.

What a reader waits for (words, polls, repaints) stays as it is; only time-outs and beats shrink, all
by the same factor. But nobody is thought dead for the second or two that a busy machine may take.
"""

from gevent import monkey

monkey.patch_all()

import os

from kindlechat import relay, stores  # before sqlite and redis, which take a copy
from kindlechat.upstream import gemini
from kindlechat.upstream.client import GeminiClient

HASTE = float(os.environ["TEST_HASTE"])
DEAD_AFTER_S = 5.0

stores.ORPHAN_AFTER_S = max(stores.ORPHAN_AFTER_S / HASTE, DEAD_AFTER_S)
relay.SIGN_INTERVAL_S /= HASTE
relay.BEAT_S /= HASTE
gemini.BACKOFF_S = tuple(seconds / HASTE for seconds in gemini.BACKOFF_S)
for name in ("connect_timeout_s", "first_word_timeout_s", "idle_timeout_s", "pause_timeout_s"):
    GeminiClient.__init__.__kwdefaults__[name] /= HASTE

from kindlechat.settings import Settings
from kindlechat.web import api, pages
from kindlechat.web.app import create_app

api.STATUS_WAIT_S /= HASTE
pages.PAGE_WAIT_S /= HASTE

app = create_app(Settings.from_env(os.environ))
