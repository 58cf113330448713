"""Quotes the upstream in the log: one short line, without keys and without readers' text (pure)."""

import html
import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

MAX_CHARS = 300
"""So long is what a log line quotes."""

MAX_READ_CHARS = 4000
"""So much of an error is looked at."""

ECHO_CHARS = 12
"""A run of so many characters that stands in a reader's text, too, is an echo of it."""

KEY_CHARS = 6
"""The same for a key, of which no part is shown."""

MASK = "[…]"

NAMED_SECRET = re.compile(
    r"((?<![\w-])(?:[\w-]*(?:key|token|secret|passw(?:or)?d|passcode|credentials?|authorization|cookie)s?)"
    r"""["']?\s*[=:]\s*["']?|\b(?:bearer|basic)\s+)(?:(?:bearer|basic)\s+)?[^\s"',;&<>]+""",
    re.IGNORECASE,
)
"""A name that tells what follows it to be secret, in a header, a query or JSON."""

KEY_LIKE = re.compile(
    r"\b(?:AIza|AQ\.|ya29\.|sk-|Bearer )[\w.*…-]{4,}|(?<![\w.-])[\w.-]*\*{2,}[\w*.-]*"
)
"""Keys of the usual makes, and those that are half masked already."""

USER_INFO = re.compile(r"(?<=//)[^/\s@]+@")

ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def fit_for_log(words: str, *, keys: Iterable[str], texts: Sequence[str]) -> str:
    """What an upstream said, without `keys`, what looks like one, and echoes of `texts`; "" for nothing.

    Echoes are found in whatever escaping an error quotes them: JSON's, HTML's or that of addresses.
    """
    line = _flat(_unescaped(words[:MAX_READ_CHARS]))
    line = NAMED_SECRET.sub(rf"\1{MASK}", KEY_LIKE.sub(MASK, USER_INFO.sub(f"{MASK}@", line)))
    for key in keys:
        line = _without_echoes(line, key, KEY_CHARS)
    for text in texts:
        line = _without_echoes(line, _flat(text), ECHO_CHARS)
    return line if len(line) <= MAX_CHARS else line[:MAX_CHARS].rstrip() + "…"


def _unescaped(words: str) -> str:
    plain = ESCAPED.sub(lambda found: chr(int(found[1], 16)), words)
    plain = plain.replace("\\n", " ").replace('\\"', '"')
    plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # joins halves
    return html.unescape(unquote(plain))


def _flat(text: str) -> str:
    """The text on one line, without what a terminal would act on."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _without_echoes(line: str, text: str, run_chars: int) -> str:
    """The line without all of `text`, and without runs of `run_chars` characters that stand in it."""
    if not text:
        return line
    folded, source = line.lower(), text.lower()
    if len(folded) != len(line):  # a letter that has another length in lower case
        folded, source = line, text
    masked = [False] * len(line)
    whole = re.escape(source) if len(source) < run_chars else None
    if whole:
        for found in re.finditer(rf"(?<!\w){whole}(?!\w)" if source.isascii() else whole, folded):
            masked[found.start() : found.end()] = [True] * len(found[0])
    runs = [folded[start : start + run_chars] for start in range(len(folded) - run_chars + 1)]
    echoed = _echoed(frozenset(runs), source, run_chars)
    for start, run in enumerate(runs):
        if run in echoed:
            masked[start : start + run_chars] = [True] * run_chars
    return _mask(line, masked)


def _echoed(runs: frozenset[str], source: str, run_chars: int) -> frozenset[str]:
    """Those of the runs that stand in the source, in time in proportion to both.

    Each of them holds one of the source's pieces of half a run, taken at places that are half a run apart.
    """
    half = run_chars // 2
    halves = {run[at : at + half] for run in runs for at in range(run_chars - half + 1)}
    found: set[str] = set()
    for place in range(0, len(source), half + 1):
        if source[place : place + half] in halves:
            starts = range(max(0, place - half), place + 1)
            found.update(source[start : start + run_chars] for start in starts)
    return runs & found


def _mask(line: str, masked: Sequence[bool]) -> str:
    shown = "".join("\0" if hidden else sign for sign, hidden in zip(line, masked, strict=True))
    return re.sub("\0+", MASK, shown)
