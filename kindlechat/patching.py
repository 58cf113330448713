"""What gevent does when it patches Python, without its search for plugins."""

from gevent import events


def skip_plugins() -> None:
    """Have gevent call no plugins, of which none is installed: it looks through all packages at each module
    that it patches, which takes half a second of a server's start."""
    vars(events)["notify_and_call_entry_points"] = lambda event: None
