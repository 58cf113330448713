"""Decodes the fields of forms and addresses, in whatever encoding an old browser sends them."""

import re
import sys
from collections.abc import Mapping
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast
from urllib.parse import unquote_to_bytes

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.utils import cached_property

from kindlechat.rendering.safety.checkpoint import checkpoint

MULTIPART = "multipart/form-data"

UTF8 = "utf-8"
WESTERN = "cp1252"

CHARSETS = {
    **dict.fromkeys(("latin1", "l1", "iso8859-1", "iso-8859-1", "ascii", "us-ascii"), WESTERN),
    **dict.fromkeys(("windows-1252", "cp1252", "x-cp1252"), WESTERN),
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in (2, 5, 7, 9, 15)},
    **{f"windows-125{part}": f"cp125{part}" for part in (0, 1, 3, 4, 7)},
    **{name: name for name in ("koi8-r", "koi8-u", "shift_jis", "euc-jp", "euc-kr", "big5")},
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
}
"""What browsers may declare, and Python's name for it. As in browsers, ISO-8859-1 is windows-1252, which
has a sign for most of the codes that ISO 8859-1 has none for (WHATWG Encoding, "Names and labels")."""

HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
"""A letter above U+FFFF as two halves of three bytes each: CESU-8, which old Java programs send for UTF-8."""

ANY_LETTER = "\U00010000".encode()

PIECE = re.compile(rb"(?:%[0-9A-Fa-f]{2}|.){1,1000}", re.DOTALL)
"""A part of a value that cuts no escape in two."""

LINE_END = re.compile(r"\r\n?")
NOT_TEXT = re.compile("[\0\ufeff]")


MAX_FILE_BYTES = 8 * 1024 * 1024
"""Photographs of today's phones have 2 to 6 MB."""

HELD_BYTES = 64 * 1024
"""So much of a file is held in memory."""

MAX_FIELDS = 100
"""Several times what the longest form of ours has: to read thousands would hold up other readers."""


def read_fields(body: bytes, charset: str = "") -> list[tuple[str, str]]:
    """The names and values of a URL-encoded form, in order; `charset` is what its sender declared.

    Text that is neither declared to be in a known encoding nor valid UTF-8 is windows-1252. Letters that
    came as halves are joined. Line ends become LF; byte order marks and NULs are dropped. What follows the
    first MAX_FIELDS is left out. Never raises.
    """
    pairs = [
        pair.replace(b"+", b" ").partition(b"=")
        for pair in body.split(b"&", MAX_FIELDS)[:MAX_FIELDS]
        if pair
    ]
    raw = [(_unquoted(name), _unquoted(value)) for name, _, value in pairs]
    encoding = CHARSETS.get(charset.strip().lower()) or _encoding(b"".join(map(b"".join, raw)))
    return [(_text(name, encoding), _text(value, encoding)) for name, value in raw]


def _unquoted(value: bytes) -> bytes:
    """The value without its percent signs, in slices: each of these takes a while."""
    if b"%" not in value:
        return value
    pieces = []
    for piece in PIECE.finditer(value):
        checkpoint()
        pieces.append(unquote_to_bytes(piece[0]))
    return b"".join(pieces)


def _encoding(body: bytes) -> str:
    """UTF-8 if most of what is not ASCII is valid in it: a device may cut a text within a letter."""
    text = HALVES.sub(ANY_LETTER, body).decode(UTF8, "replace")
    letters, broken = len(text) - len(text.encode("ascii", "ignore")), text.count("\ufffd")
    return WESTERN if broken > letters - broken else UTF8


def _join(match: re.Match[bytes]) -> bytes:
    checkpoint()
    halves = match[0].decode(UTF8, "surrogatepass")
    return halves.encode("utf-16", "surrogatepass").decode("utf-16").encode()


def _text(value: bytes, encoding: str) -> str:
    if encoding == UTF8:
        value = HALVES.sub(_join, value)
    return NOT_TEXT.sub("", LINE_END.sub("\n", value.decode(encoding, "replace")))


def pressed(kind: str, form: Mapping[str, str]) -> str:
    """Which button of a kind sent a form: "shorter" for `action.shorter`; else a field of that name, or "".

    A button's name says it, as some browsers show the value of one that has any.
    """
    prefix = f"{kind}."
    names = (name.removeprefix(prefix) for name in form if name.startswith(prefix))
    return next(names, form.get(kind, ""))


class _Paced:
    """A body that is parsed in pieces, before each of which others may go first."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        checkpoint()
        return self._stream.read(size)


class FormParser(FormDataParser):
    """Werkzeug's parser, which takes any URL-encoded form for UTF-8."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        if mimetype == MULTIPART:
            paced = cast("IO[bytes]", _Paced(stream))
            return super().parse(paced, mimetype, content_length, options)
        if mimetype != "application/x-www-form-urlencoded":
            return super().parse(stream, mimetype, content_length, options)
        fields = read_fields(stream.read(), (options or {}).get("charset", ""))
        return stream, self.cls(fields), self.cls()


class BoundedFile(SpooledTemporaryFile[bytes]):
    """A file that came with a form, on disk where it is not small; of more than `most_bytes` the rest is
    dropped."""

    is_cut = False

    def __init__(self, most_bytes: int) -> None:
        super().__init__(max_size=HELD_BYTES)
        self._most_bytes = most_bytes

    def write(self, data: Any) -> int:
        """As of any file, as long as there is room."""
        self.is_cut = self.is_cut or self.tell() + len(data) > self._most_bytes
        return len(data) if self.is_cut else super().write(data)

    def __del__(self) -> None:
        """Close it with its request: where a form was refused in the middle, nobody else has it."""
        self.close()


class FormRequest(Request):
    """A request whose form and address are read in this way. Of several files in a form it has the first."""

    form_data_parser_class = FormParser

    _has_file = False

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        most_bytes = 0 if self._has_file else MAX_FILE_BYTES
        self._has_file = True
        return cast("IO[bytes]", BoundedFile(most_bytes))

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The parameters of the address, read as a form's fields are: Werkzeug's own may raise."""
        return self.parameter_storage_class(read_fields(self.query_string))

    @cached_property
    def stream(self) -> IO[bytes]:
        """The whole body. Raises RequestEntityTooLarge.

        Werkzeug's own ends at MAX_CONTENT_LENGTH where chunks give no length, as if no more had come. A form
        with files is not held in memory: its parser reads on until the limit raises.
        """
        if self.mimetype == MULTIPART:
            return super().stream
        limit = self.max_content_length or sys.maxsize - 1
        if (self.content_length or 0) > limit:
            raise RequestEntityTooLarge
        # At one go: Werkzeug's own looks three times, and each look sets a clock.
        body = self.environ["wsgi.input"].read(limit + 1)
        if len(body) > limit:
            raise RequestEntityTooLarge
        return BytesIO(body)
