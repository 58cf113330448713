"""Forms as old browsers send them: other encodings than UTF-8, other line ends than LF."""

from io import BytesIO

from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.test import EnvironBuilder

from kindlechat.rendering.safety.checkpoint import at_checkpoints
from kindlechat.web.request.forms import CHARSETS, MAX_FIELDS, FormRequest, read_fields
from tests.cases import cases


def message(body, charset=""):
    return dict(read_fields(body, charset))["message"]


@cases("encode", ["raw", "percent"])
@cases(
    ("text", "encoding", "declared"),
    [
        ("Où est l’été ?", "utf-8", ""),
        ("Où est l’été ?", "utf-8", "UTF-8"),
        ("Où est l’été ?", "cp1252", ""),
        ("Où est l’été ?", "cp1252", "windows-1252"),
        ("Où est l’été ?", "cp1252", "ISO-8859-1"),
        ("Où est l’été ?", "cp1252", "utf-8"),
        ("Grüße", "latin-1", "iso-8859-1"),
        ("Почему?", "cp1251", "windows-1251"),
        ("Почему?", "koi8-r", "KOI8-R"),
        ("Pâté: Ãª", "cp1252", "iso-8859-1"),
        ("plain", "ascii", "no-such-charset"),
    ],
)
def test_a_form_is_read_in_the_encoding_it_was_sent_in(text, encoding, declared, encode):
    value = text.encode(encoding)
    if encode == "percent":
        value = b"".join(b"%%%02X" % byte for byte in value)
    assert message(b"mode=live&message=" + value, declared) == text


def test_a_letter_cut_in_half_leaves_the_rest_of_the_text_as_it_was():
    assert message("message=Почему".encode()[:-1]) == "Почем\ufffd"


@cases("escape", [bytes, lambda body: b"".join(b"%%%02X" % byte for byte in body)])
def test_a_letter_that_came_as_two_halves_is_one(escape):
    halves = "\ud83d\ude80 \ud840\udc00".encode("utf-8", "surrogatepass")
    assert message(b"message=" + escape(halves)) == "🚀 \U00020000"


def test_a_plus_is_a_blank_and_an_escaped_one_is_a_plus():
    assert message(b"message=1+%2B+1+%3D+2%26+more") == "1 + 1 = 2& more"


@cases("end", [b"%0D%0A", b"%0D", b"%0A", b"\r\n", b"\r"])
def test_every_line_end_is_a_line_feed(end):
    assert message(b"message=one" + end + b"two" + end) == "one\ntwo\n"


@cases(
    "body",
    [
        b"\xef\xbb\xbfmessage=why",
        b"%EF%BB%BFmessage=why",
        b"message=%EF%BB%BFwhy",
        b"message=w%00hy",
        b"message\0=why\0",
    ],
)
def test_a_byte_order_mark_and_a_nul_are_no_text(body):
    assert message(body) == "why"


def test_fields_keep_their_order_and_a_field_with_no_value_is_empty():
    assert read_fields(b"a=1&&b&a=2=3&c=") == [("a", "1"), ("b", ""), ("a", "2=3"), ("c", "")]


def test_a_form_has_no_more_fields_than_a_hundred():
    assert len(read_fields(b"a=1&" * 16_000)) == MAX_FIELDS == 100


@given(st.binary(), st.sampled_from(["", *CHARSETS]))
def test_no_body_is_an_error(body, charset):
    for _, value in read_fields(b"message=" + body, charset):
        assert "\r" not in value


def test_the_application_reads_its_forms_so():
    app = Flask("forms")
    app.request_class = FormRequest
    kind = "application/x-www-form-urlencoded"
    with app.test_request_context(method="POST", data=b"message=caf\xe9", content_type=kind):
        assert request.form["message"] == "café"
    data = {"message": "café"}
    with app.test_request_context(method="POST", data=data, content_type="multipart/form-data"):
        assert request.form["message"] == "café"


def test_an_address_is_read_as_a_form_is():
    app = Flask("forms")
    app.request_class = FormRequest
    for query in ("q=caf%C3%A9&q=2", "q=caf%E9&q=2", "q=caf\xe9&q=2"):
        with app.test_request_context(environ_overrides={"QUERY_STRING": query}):
            assert request.args.getlist("q") == ["café", "2"]


@cases("part", [b"%41", b"%", b"%4", b"\xed\xa0\xbd\xed\xb2\xa9", b"a%ed%a0%bd%ed%b2%a9"])
def test_a_long_form_is_read_in_slices(part):
    """As are a device's odd ones: each escape and each half of a letter takes a little while."""
    checkpoints = []
    at_checkpoints(lambda: checkpoints.append(1))
    try:
        text = message(b"message=" + part * (100_000 // len(part)))
    finally:
        at_checkpoints(lambda: None)
    assert text == message(b"message=" + part) * (100_000 // len(part))
    assert len(checkpoints) >= 30


def test_of_several_files_the_first_is_held():
    files = [("picture", (BytesIO(bytes(9)), name)) for name in "abc"]
    builder = EnvironBuilder(method="POST", data=MultiDict(files))
    one, *more = FormRequest(builder.get_environ()).files.getlist("picture")
    assert (len(one.read()), one.stream.is_cut) == (9, False)
    for other in more:
        assert (other.read(), other.stream.is_cut) == (b"", True)
