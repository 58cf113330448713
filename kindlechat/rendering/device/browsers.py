"""What a browser's own name tells of the device that it runs on."""

import re

DESKTOP = re.compile(
    r"Windows NT|Macintosh|CrOS|X11; (?:Linux (?:x86_64|i\d86)|Ubuntu|Fedora|FreeBSD)"
)
SMALL = re.compile(r"Mobile|Android|Kindle|Kobo|Silk|PocketBook|Tablet PC|eBook", re.IGNORECASE)

LEAKING = re.compile(
    r"Lynx|Links|w3m|Dillo|NetFront|NetSurf|MSIE|Trident|Presto|Opera Mini|Konqueror"
    r"|Kindle/[1-3]\.|AppleWebKit/5(?:2\d|3[0-3])\b",
    re.IGNORECASE,
)
"""These know neither rel="noreferrer" nor a Referrer-Policy."""


def is_desktop(user_agent: str) -> bool:
    """Whether the screen is surely a computer's, with room for any table."""
    return DESKTOP.search(user_agent) is not None and not SMALL.search(user_agent)


def leaks_referer(user_agent: str) -> bool:
    """Whether the browser may tell an outside site the address of the page that leads there."""
    return LEAKING.search(user_agent) is not None
