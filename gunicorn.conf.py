"""gunicorn's settings, from the same environment as the application's."""

import os
import resource
import sys

from kindlechat.errors import SettingsError
from kindlechat.settings import Settings

try:
    settings = Settings.from_env(os.environ)
except SettingsError as error:
    sys.exit(f"kindlechat: {error}")

bind = f"0.0.0.0:{settings.port}"
workers = settings.web_concurrency
worker_class = "kindlechat.web.worker.Worker"

# A stream holds two file descriptors: the reader's and the upstream's.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_limit = _hard if _hard != resource.RLIM_INFINITY else 1_048_576
resource.setrlimit(resource.RLIMIT_NOFILE, (max(_soft, min(_limit, 65_536)), _hard))
worker_connections = 10_000

# Seconds. A worker whose hub is held for longer than `timeout` is killed with all its streams.
timeout = 60
# Polls come every 0.5 to 2 s: a connection outlives a few, and a slow device's pause.
keepalive = 20
# The application ends running replies itself within the grace period; this is the last resort.
graceful_timeout = int(settings.grace_s) + 4

# Forwarded headers are believed by the application, for exactly KINDLECHAT_TRUSTED_PROXIES hops.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}

# No run-time control from outside: the platform starts and stops this process.
control_socket_disable = True
