"""Patches this process for gevent, as the server's is, before anything imports ssl or sockets."""

from gevent import events, monkey

# Otherwise gevent looks through all that is installed for plugins of its own, once for each module.
vars(events)["notify_and_call_entry_points"] = lambda event: None

monkey.patch_all()
