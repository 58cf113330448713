"""Patches this process for gevent, as the server's is, before anything imports ssl or sockets."""

from typing import Any

import gevent.socket
from gevent import monkey

from kindlechat.patching import skip_plugins

skip_plugins()
monkey.patch_all()

_connect = gevent.socket.socket.connect


def _connect_or_close(sock: gevent.socket.socket, address: Any) -> None:
    """Connect; close the socket where the greenlet is ended meanwhile.

    Libraries close one that fails to connect, and leave this one to Python, which does so at once, but with a
    warning. A test whose application ends while a reply has just begun would fail of that.
    """
    try:
        _connect(sock, address)
    except Exception:
        raise
    except BaseException:
        sock.close()
        raise


gevent.socket.socket.connect = _connect_or_close  # type: ignore[assignment, method-assign]
