"""Connections to an upstream: through the proxies and with the certificates that the environment names."""

import os
import re
from typing import Any, cast

import urllib3

CONNECTIONS = 32
"""So many are kept for the next questions, of those whose replies have ended; others are closed.
A crowd that has left would leave one for each reply, which holds a descriptor and memory."""

PROXY = re.compile(r"(https?|all)_proxy", re.IGNORECASE)

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables for a file or a folder of certificates to be trusted in place of the system's."""


def connections_to(url: str) -> tuple[urllib3.HTTPConnectionPool, str]:
    """The connections to an address, and what is asked of them."""
    if any(value and PROXY.fullmatch(name) for name, value in os.environ.items()):
        return _connections_by_proxy(url)
    bundle = next(filter(None, map(os.environ.get, BUNDLES)), None)
    tls: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED"}
    if bundle:
        tls["ca_cert_dir" if os.path.isdir(bundle) else "ca_certs"] = bundle
    manager = urllib3.PoolManager(maxsize=CONNECTIONS, **tls)
    return manager.connection_from_url(url), urllib3.util.parse_url(url).request_uri


def _connections_by_proxy(url: str) -> tuple[urllib3.HTTPConnectionPool, str]:
    """The same where there may be a proxy: Requests knows what NO_PROXY can say, and how to ask one."""
    # Here, as most have no proxy: Requests takes 5 MB, above all for guessing in which encoding a text is.
    import requests
    from requests.adapters import HTTPAdapter

    request = requests.Request("POST", url).prepare()
    with requests.Session() as session:
        found = session.merge_environment_settings(url, {}, None, None, None)
    adapter = HTTPAdapter(pool_maxsize=CONNECTIONS)
    connections = adapter.get_connection_with_tls_context(
        request, found["verify"], proxies=found["proxies"], cert=found["cert"]
    )
    target = adapter.request_url(request, found["proxies"])
    return cast(urllib3.HTTPConnectionPool, connections), target
