"""The WSGI entry: gevent's patch before anything else, then the application."""

from gevent import config, monkey

monkey.patch_all()
config.track_greenlet_tree = False  # who started a greenlet is a debugger's matter, kept for each

import os
import sys

from kindlechat.errors import SettingsError, StoreUnavailable
from kindlechat.settings import Settings
from kindlechat.web.app import create_app

# Seconds. SQLite's thread waits so long for a busy hub after each statement; the default is ten times it.
sys.setswitchinterval(0.0005)

EXIT_BOOT_ERROR = 3
"""gunicorn's master ends on a worker's exit with this status; on others it would try for ever."""

try:
    app = create_app(Settings.from_env(os.environ))
except (SettingsError, StoreUnavailable) as error:
    print(f"kindlechat: {error}", file=sys.stderr)
    sys.exit(EXIT_BOOT_ERROR)
