"""Patches this process for gevent, as the server's is, before anything imports ssl or sockets."""

from gevent import monkey

monkey.patch_all()
