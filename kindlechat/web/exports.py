"""Files to keep: an answer or a whole conversation, by plain links that anybody who may read can follow."""

from collections.abc import Iterable, Iterator
from itertools import chain

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.conversation import Outline
from kindlechat.errors import KindlechatError
from kindlechat.export.formats import FORMATS
from kindlechat.rendering.device.browsers import wants_bom
from kindlechat.web.access import access_by_link, access_to
from kindlechat.web.conversation.streams import BrokenOff
from kindlechat.web.refusal import Refusal
from kindlechat.web.request.shown_version import with_version
from kindlechat.web.responses import streamed
from kindlechat.web.saved_files import SavedFile, saved_file

HELD_BYTES = 1024 * 1024
"""A file up to this size is sent with its length, which tells devices how much is still to come."""

BOM = b"\xef\xbb\xbf"

exports = Blueprint("exports", __name__)

ENDINGS = f"any({', '.join(FORMATS)})"


@exports.get(f"/c/<name>.<{ENDINGS}:ending>")
@exports.get(f"/c/<name>/<int:number>.<{ENDINGS}:ending>")
@exports.get(f"/c/<name>/<int:number>.<int:version>.<{ENDINGS}:ending>")
def save(
    name: str, ending: str, number: int | None = None, version: int | None = None
) -> BaseResponse:
    """The conversation, or the turn of that number, as a file of the kind that its ending says.

    A turn that was asked again has several versions; without a number it is the one that counts.
    """
    return _saved(access_to(name).to_save, ending, number, version)


@exports.get(f"/s/<link>.<{ENDINGS}:ending>")
@exports.get(f"/s/<link>/<int:number>.<{ENDINGS}:ending>")
@exports.get(f"/s/<link>/<int:number>.<int:version>.<{ENDINGS}:ending>")
def save_shared(
    link: str, ending: str, number: int | None = None, version: int | None = None
) -> BaseResponse:
    """The same for who reads by a shared link."""
    return _saved(access_by_link(link).to_save, ending, number, version)


def _saved(outline: Outline, ending: str, number: int | None, version: int | None) -> BaseResponse:
    if number is not None:
        outline = _as_asked(outline, number, version)
    file = saved_file(outline, number, ending)
    bom = [BOM] if ending == "txt" and _wants_bom() else []
    return download(file, before=bom)


def download(file: SavedFile, before: Iterable[bytes] = ()) -> Response:
    """The response that brings a file, with some bytes before it."""
    response = _response(chain(before, file.parts), file.mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _as_asked(outline: Outline, number: int, version: int | None) -> Outline:
    """The conversation with that version of a turn. Raises Refusal where there is none."""
    if not 1 <= number <= len(outline.replies):
        raise Refusal(404, "not_found")
    if version is None:
        return outline
    if not 1 <= version <= (len(outline.replies[number - 1].versions) or 1):
        raise Refusal(404, "not_found")
    return with_version(outline, number, version)


def _response(parts: Iterator[bytes], mimetype: str) -> Response:
    """The file with its length where it is small; what cannot be read is known before it begins."""
    begun: list[bytes] = []
    size = 0
    for part in parts:
        begun.append(part)
        size += len(part)
        if size > HELD_BYTES:
            return streamed(chain(begun, _or_broken_off(parts)), mimetype)
    response = streamed(iter([b"".join(begun)]), mimetype)
    response.content_length = size
    return response


def _or_broken_off(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The parts; a file that cannot be read to its end is not to look whole."""
    try:
        yield from parts
    except KindlechatError:
        raise BrokenOff from None


def _wants_bom() -> bool:
    """Whether plain text begins with a byte order mark: as the address says, or as the device needs it."""
    asked = request.args.get("bom")
    return asked == "1" if asked in ("0", "1") else wants_bom(request.headers.get("User-Agent", ""))
