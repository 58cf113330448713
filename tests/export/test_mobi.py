"""Books as MOBI 6: another program reads what we wrote, and its links lead to the places that they name."""

import re
import struct
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindlechat.export.mobi.palmdoc import RECORD_BYTES, compress
from kindlechat.export.mobi.text import book_text
from tests.cases import cases
from tests.export.books import book_of, chapters_of, saved

SAMPLE = Path("tests/fixtures/answer.md").read_text()

UNPACKER = Path(sys.executable).with_name("mobiunpack")


def expanded(data):
    """What PalmDOC compression was made of, as the format's description says."""
    out = bytearray()
    at = 0
    while at < len(data):
        byte = data[at]
        at += 1
        if 1 <= byte <= 8:
            out += data[at : at + byte]
            at += byte
        elif byte < 0x80:
            out.append(byte)
        elif byte >= 0xC0:
            out += bytes((0x20, byte ^ 0x80))
        else:
            pair = byte << 8 | data[at]
            at += 1
            for _ in range((pair & 7) + 3):
                out.append(out[-(pair >> 3 & 0x7FF)])
    return bytes(out)


@given(st.one_of(st.binary(max_size=300), st.text("ab ñя😀", max_size=300).map(str.encode)))
def test_what_is_compressed_is_had_again(data):
    assert expanded(compress(data)) == data


@cases(
    "data", [b"", b"\0", b" ", b" a", b"a" * RECORD_BYTES, bytes(range(256)) * 16, SAMPLE.encode()]
)
def test_runs_and_all_bytes_are_had_again(data):
    assert expanded(compress(data)) == data


def test_text_takes_less_room():
    assert len(compress(b"What a text repeats is a place and a length. " * 50)) < 600


def unpacked(data, folder):
    """The text that the unpacker finds, byte by byte, and what it says of the book."""
    file = folder / "book.mobi"
    file.write_bytes(data)
    ran = subprocess.run([UNPACKER, "-r", file, folder], capture_output=True, text=True)
    assert ran.stdout.endswith("Completed\n"), ran.stdout + ran.stderr
    return (folder / "mobi7/book.rawml").read_bytes(), (folder / "mobi7/content.opf").read_text()


def test_another_program_reads_text_title_and_contents(tmp_path):
    turns = [
        (f"Почему? {number} 😀", SAMPLE + "\n\nПочему небо голубое? 😀" * 20) for number in range(8)
    ]
    raw, package = unpacked(saved(turns, "mobi", language="ru"), tmp_path)
    assert raw == book_text(book_of(turns, "ru"), chapters_of(turns, "mobi"))
    assert len(raw) > 3 * RECORD_BYTES
    assert "<dc:title>Почему? 0 😀</dc:title>" in package
    assert "<dc:language>ru</dc:language>" in package
    assert "<dc:creator>Kindlechat</dc:creator>" in package
    assert '<reference type="toc" title="Contents"' in package


def test_each_record_can_be_read_by_itself():
    """A Kindle opens a book in its midst: a letter at a record's end is whole there."""
    data = saved([("Why?", "Ж" + "а😀é" * 4000)], "mobi")
    offsets = [at for (at, _) in struct.iter_unpack(">2I", data[78 : 78 + 8 * records_of(data)])]
    texts = struct.unpack_from(">H", data, offsets[0] + 8)[0]
    split = 0
    for start, end in pairwise(offsets[1 : texts + 2]):
        rest = data[end - 1]
        text = expanded(data[start : end - 1 - rest])
        letters = (text + data[end - 1 - rest : end - 1]).decode(errors="replace")
        assert "\ufffd" not in letters[4:]
        split += rest > 0
    assert split > 3


def place_of(text, link):
    """What stands where a link leads."""
    (place,) = re.findall(rb"filepos=(\d{10})[^>]*>" + re.escape(link.encode()), text)
    return text[int(place) :].decode()


def test_contents_lead_to_questions_and_headings():
    turns = [("Why?", "é\n\n# One\n\na"), ("How?", "# Two & more")]
    text = book_text(book_of(turns), chapters_of(turns, "mobi"))
    contents = text[text.rindex(b"<mbp:pagebreak/>") :]
    assert re.findall(r">([^<>]+)</a>", contents.decode()) == [
        "Why?",
        "One",
        "How?",
        "Two &amp; more",
    ]
    for link, start in {"Why?": "<h1>Why?", "One": "<h2>One", "How?": "<h1>How?"}.items():
        assert place_of(text, f"{link}</a>").startswith(start)
    (toc, start) = re.findall(rb"<reference [^>]*filepos=(\d{10}) />", text)
    assert text[int(toc) :].startswith(b"<h1>Contents")
    assert text[int(start) :].startswith(b"<h1>Why?")


def test_footnotes_lead_to_their_texts_in_their_own_chapter():
    turns = [("Why?", "One[^1].\n\n[^1]: First."), ("How?", "Two[^1].\n\n[^1]: Second.")]
    text = book_text(book_of(turns), chapters_of(turns, "mobi"))
    places = [int(place) for place in re.findall(rb"<sup><a filepos=(\d{10})>1", text)]
    assert len(places) == 4
    notes = [text[place:].decode().partition("</sup>")[2][:8] for place in places]
    assert notes == [" First.<", ".</p><p>", " Second.", ".</p><p>"]


def test_what_a_kindle_does_not_know_is_left_out():
    text = book_text(
        book_of([("Why?", "")]),
        chapters_of([("لماذا؟", "`c` **b** <q>q</q> <kbd>k</kbd>\n\n| a |\n|--:|\n| b |")], "mobi"),
    ).decode()
    assert "<tt>c</tt> <b>b</b> “q” <tt>k</tt>" in text
    assert '<td align="right">b</td>' in text
    assert '<h1 dir="rtl" align="right">لماذا؟</h1>' in text
    assert not re.search(" (?:class|id)=", text)


def records_of(data):
    return struct.unpack_from(">H", data, 76)[0]


@pytest.mark.parametrize("title", ["x" * 9000, "<reference/>\"&'\x00", "…", "", "😀" * 70])
def test_any_title_makes_a_sound_file(title, tmp_path):
    data = saved([(title, "So.")], "mobi")
    records = records_of(data)
    assert data[60:68] == b"BOOKMOBI"
    assert b"\0" in data[:32]
    offsets = [struct.unpack_from(">I", data, 78 + 8 * record)[0] for record in range(records)]
    assert offsets[0] == 78 + 8 * records + 2
    assert data[offsets[-1] :] == b"\xe9\x8e\r\n"
    if title.startswith("<"):
        raw, _ = unpacked(data, tmp_path)
        assert b"<h1>&lt;reference/&gt;" in raw
