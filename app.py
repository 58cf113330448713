"""The WSGI entry: it patches for gevent before anything else, then makes the application."""

import gc

gc.disable()  # nothing of what is imported is garbage; to look for it took a quarter of the start

from gevent import config, monkey

monkey.patch_all()
config.track_greenlet_tree = False  # only a debugger wants to know who started a greenlet

import os
import sys

from kindlechat.errors import SettingsError, StoreUnavailable
from kindlechat.settings import Settings
from kindlechat.web.app import create_app

gc.enable()

EXIT_BOOT_ERROR = 3
"""gunicorn's master ends when a worker exits with this status. After others it would restart for ever."""

try:
    app = create_app(Settings.from_env(os.environ))
except (SettingsError, StoreUnavailable) as error:
    print(f"kindlechat: {error}", file=sys.stderr)
    sys.exit(EXIT_BOOT_ERROR)
