"""What the User-Agent header says of the device."""

import re

DESKTOP = re.compile(
    r"Windows NT|Macintosh|CrOS|X11; (?:Linux (?:x86_64|i\d86)|Ubuntu|Fedora|FreeBSD)"
)
SMALL = re.compile(r"Mobile|Android|Kindle|Kobo|Silk|PocketBook|Tablet PC|eBook", re.IGNORECASE)

TEXT_ALONE = re.compile(r"(?:w3m|Lynx|Links|ELinks|edbrowse|netrik)\b")


def is_desktop(user_agent: str) -> bool:
    """Whether the screen is surely a computer's, with room for any table."""
    return DESKTOP.search(user_agent) is not None and not SMALL.search(user_agent)


def refreshes_in_time(user_agent: str) -> bool:
    """Whether a page's refresh waits its seconds. edbrowse follows a short one at once, page after page, and
    shows none of them before the answer's end."""
    return not user_agent.startswith("edbrowse")


def shows_text_alone(user_agent: str) -> bool:
    """Whether the browser shows no picture, in a terminal."""
    return TEXT_ALONE.match(user_agent) is not None


def wants_bom(user_agent: str) -> bool:
    """Whether the device takes a saved text for Latin-1 unless a byte order mark says that it is UTF-8."""
    return "Kindle" in user_agent
