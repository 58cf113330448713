"""Parses the values of settings from text, and says what is wrong with one."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, urlsplit

from kindlechat.errors import SettingsError

if TYPE_CHECKING:
    from kindlechat.mail.server import SmtpServer
    from kindlechat.rate_limit import RateLimit

D = TypeVar("D")
T = TypeVar("T")

MIN_PASSCODE_CHARS = 8
"""Whoever has enough addresses finds a PIN of four digits in minutes."""

MIN_SECRET_CHARS = 32

LOG_FORMATS = ("TEXT", "JSON")

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

THINKING_LEVELS = ("MINIMAL", "LOW", "MEDIUM", "HIGH")

OURS = ("KINDLECHAT_", "GEMINI_")
"""How the names of our own variables begin."""

LIKENESS = 0.6
"""From which likeness on (difflib's ratio) a known name is what was probably meant."""

SERVICE_LINK = re.compile(
    r"_SERVICE_(HOST|PORT(_\w+)?)|_PORT_[0-9]+_(TCP|UDP)(_\w+)?|_NAME|_ENV_\w+"
)
"""The ends of variables that Kubernetes and Docker make for a service that is called kindlechat."""


class Variables:
    """Reads variables. Turns a parser's error into one line for the operator."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._known: set[str] = set()

    def get(
        self, name: str, default: D, parse: Callable[[str], T], *, secret: bool = False
    ) -> D | T:
        """The value of a variable; `default` where it is empty or missing.

        `parse` raises ValueError whose text completes "expected …". A `secret` is not shown. Raises
        SettingsError.
        """
        self._known.add(name)
        value = self._env.get(name, "").strip()
        if not value:
            return default
        try:
            return parse(_unquoted(value))
        except ValueError as error:
            came = "another value (not shown)" if secret else repr(without_password(value))
            raise SettingsError(f"{name}: expected {error}, got {came}") from None

    def refuse_unknown(self, *known: str) -> None:
        """Refuse variables with a name like ours that nothing has asked for, nor is among `known`.

        A setting that is misspelt would silently have its default. Raises SettingsError.
        """
        names = self._known | set(known)
        for name, value in sorted(self._env.items()):
            if name.startswith(OURS) and name not in names and not _is_service_link(name, value):
                raise SettingsError(
                    f"{name}: expected {_nearest(name, names)}, got a name that means nothing"
                )


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'`":
        raise ValueError("a value without quotes around it")
    return value


def _is_service_link(name: str, value: str) -> bool:
    """Whether an orchestrator made this variable for a service that is called like us."""
    if re.match(r"(tcp|udp)://", value):
        return True
    return any(SERVICE_LINK.fullmatch(name.removeprefix(ours.rstrip("_"))) for ours in OURS)


def _nearest(name: str, names: set[str]) -> str:
    import difflib

    stems = {_stem(known): known for known in sorted(names)}
    near = difflib.get_close_matches(_stem(name), stems, n=1, cutoff=LIKENESS)
    return stems[near[0]] if near else "a setting that the README names"


def _stem(name: str) -> str:
    for ours in OURS:
        name = name.removeprefix(ours)
    return name


def without_password(value: str) -> str:
    """A value without the user name and password of an address."""
    return re.sub(r"^(.*?//)?.*@", r"\1…@", value, flags=re.DOTALL)


# Each parser below raises ValueError whose text completes "expected …". What parses a value that few have
# is loaded with the first one: a build of the site has none of them.


def whole(low: int, high: int) -> Callable[[str], int]:
    """Parses a whole number from `low` to `high`."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(value)

    return parse


def number(low: float, high: float) -> Callable[[str], float]:
    """Parses a number from `low` to `high`."""

    def parse(value: str) -> float:
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) or not low <= float(value) <= high:
            raise ValueError(f"a number from {low} to {high}")
        return float(value)

    return parse


def or_off(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """Parses what `parse` does, or 'off' as None."""

    def parse_or_off(value: str) -> T | None:
        if value.lower() == "off":
            return None
        try:
            return parse(value)
        except ValueError as error:
            raise ValueError(f"{error}, or 'off'") from None

    return parse_or_off


port = whole(1, 65535)


def bind_address(value: str) -> str:
    """An address of this machine, as it stands before a port: IPv6 in brackets."""
    from ipaddress import ip_address

    try:
        found = ip_address(value.strip("[]"))
    except ValueError:
        raise ValueError("an IP address of this machine, such as 127.0.0.1") from None
    return f"[{found}]" if found.version == 6 else str(found)


def rate_limits(value: str) -> "tuple[RateLimit, ...]":
    """Limits on how often; none for 'off'."""
    from kindlechat.rate_limit import parse_rate_limits

    if value.lower() == "off":
        return ()
    try:
        items = parse_rate_limits(value)
    except ValueError:
        items = ()
    if not items or any(item.amount < 1 for item in items):
        raise ValueError("limits such as '20/minute;300/day', or 'off'")
    return items


VERSION_PATH = re.compile(r"/(v[0-9]\w*)(/.*)?$")


def base_url(value: str) -> str:
    """The address of an upstream without a slash at its end, and without the version that follows it."""
    parts = _split(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("an http or https address without a query")
    address = value.rstrip("/").removesuffix("/v1beta").rstrip("/")
    version = VERSION_PATH.search(urlsplit(address).path)
    if version:
        raise ValueError(f"an address without {version[0]}, as /v1beta/models/… follows it")
    return address


def _split(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ValueError("an address, with an IPv6 address in brackets") from None
    try:
        parts.port  # noqa: B018 - raises on what is none
    except ValueError:
        raise ValueError("an address whose port is a number from 1 to 65535") from None
    return parts


def own_url(value: str) -> str:
    """The address of this site on the web, without a slash at its end.

    Raises ValueError whose text completes "expected …".
    """
    _split(value)
    if not re.fullmatch(r"https?://[^/\s?#@]+/?", value):
        raise ValueError("an address such as https://chat.example, without a path")
    return value.rstrip("/")


def root(value: str) -> str:
    """The path that the site lies at: "" for the top of its host, else without a slash at the end."""
    if value == "/":
        return ""
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+/?", value) or "/." in value:
        raise ValueError("a path such as /chat")
    return value.rstrip("/")


def redis_url(value: str) -> str:
    """The address of a Redis."""
    if _split(value).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("an address redis://… or rediss://…")
    return value


def smtp_url(value: str) -> "SmtpServer":
    """The address of a mail server."""
    from kindlechat.mail.server import smtp_server

    _split(value)
    return smtp_server(value)


def sender(value: str) -> str:
    """The address that mail comes from."""
    from kindlechat.mail.addresses import mail_address

    return mail_address(value)


def imprint(value: str) -> str:
    """Who sends letters, and from where: a line of text."""
    if not value.isprintable():
        raise ValueError("one line of text")
    return value


def model(value: str) -> str:
    """The name of a model, without "models/"."""
    name = value.removeprefix("models/")
    if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
        raise ValueError("a model's name such as gemini-flash-latest")
    return name


def one_of(names: Sequence[str]) -> Callable[[str], str]:
    """Parses one of these names, in whatever case."""

    def parse(value: str) -> str:
        if value.upper() not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return value.upper()

    return parse


def header_value(value: str) -> str:
    """What fits into a header: the key."""
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValueError("a key of printable ASCII characters with no spaces")
    return value


def secret_key(value: str) -> str:
    """A secret that is long enough to sign with."""
    if len(value) < MIN_SECRET_CHARS:
        raise ValueError(
            f"at least {MIN_SECRET_CHARS} random characters, as `openssl rand -hex 32` gives them"
        )
    return value


def strong_passcode(value: str) -> str:
    """A passcode that is not soon guessed."""
    if len(value) < MIN_PASSCODE_CHARS:
        raise ValueError(
            f"at least {MIN_PASSCODE_CHARS} characters, or KINDLECHAT_PASSCODE_WEAK=allow"
        )
    return value


def allow(value: str) -> bool:
    """True for 'allow'."""
    if value != "allow":
        raise ValueError("'allow' or nothing")
    return True


def on_or_off(value: str) -> bool:
    """True for 'on', False for 'off'."""
    if value.lower() not in ("on", "off"):
        raise ValueError("'on' or 'off'")
    return value.lower() == "on"


def hosts(value: str) -> tuple[str, ...]:
    """Names and addresses of hosts, in lower case."""
    names = re.split(r"[,\s]+", value.lower().strip(", "))
    host = r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f]*(:[0-9a-f]*){2,}"
    if not all(re.fullmatch(host, name) for name in names):
        raise ValueError("names of hosts without a port, such as 'chat.example 192.168.1.5'")
    return tuple(names)


def https(value: str) -> bool:
    """Whether HTTPS is forced."""
    if value not in ("allow", "force"):
        raise ValueError("'allow' or 'force'")
    return value == "force"
