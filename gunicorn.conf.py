"""Settings of gunicorn, from the same environment as those of the application."""

import os
import resource
import sys
from typing import Any

from kindlechat.errors import SettingsError
from kindlechat.logging import JSON, gunicorn_logging
from kindlechat.settings import Settings

try:
    settings = Settings.from_env(os.environ)
except SettingsError as error:
    sys.exit(f"kindlechat: {error}")

bind = f"{settings.bind_address}:{settings.port}"
workers = settings.web_concurrency
worker_class = "kindlechat.web.serving.worker.Worker"

# A stream holds two file descriptors: the reader's and the upstream's.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_limit = _hard if _hard != resource.RLIM_INFINITY else 1_048_576
_soft = max(_soft, min(_limit, 65_536))
resource.setrlimit(resource.RLIMIT_NOFILE, (_soft, _hard))
# Connections that wait to be taken hold none; what is taken must leave some for the rest.
worker_connections = max(8, min(10_000, _soft - 24))

if settings.log_format == JSON:
    logconfig_dict = gunicorn_logging()

# Seconds. A worker whose hub is blocked for longer is killed, with all its streams.
timeout = 60
# Polls come every 0.5 to 2 s. A connection outlives several polls and the pause of a slow device.
keepalive = 20
# The application itself ends running replies within the grace period. This is the last resort.
graceful_timeout = int(settings.grace_s) + 8

# The application, not gunicorn, believes forwarded headers, for exactly KINDLECHAT_TRUSTED_PROXIES hops.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}


def when_ready(server: Any) -> None:
    """Say at each start what an operator may not have meant."""
    if settings.demo:
        server.log.warning(
            "GEMINI_API_KEY is not set: a demonstration answers whoever finds this site"
        )
    elif settings.gemini_api_key and not settings.passcode:
        server.log.warning(
            "KINDLECHAT_PASSCODE is not set: whoever finds this site asks at your expense"
        )


# The platform starts and stops this process, so gunicorn needs no control socket.
control_socket_disable = True
