"""Books as EPUB: valid, and their contents lead to each question and heading."""

import io
import struct
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

from kindlechat.export.archive import PIECE_BYTES, Archive
from kindlechat.export.formats import FORMATS
from tests.cases import cases
from tests.export.books import book_of, chapters_of, saved

SAMPLE = Path("tests/fixtures/answer.md").read_text()

HOSTILE = """</p></body><script>alert(1)</script> & &nbsp; &#1; \x00 \x0b \ufffe \u202e 😀

# A <b>title</b> & [link](https://a.example/)

##

[a](https://-x.example/) [b](http://a..b.example/%zz?[c]|d) [c](https://h.example:99999/#a#b) [d](#nowhere)
[e](https://exämple.example/ü) https://host_name.example/ One[^été], two[^none]

[^été]: Note <sup>x</sup>

<details><summary>More</summary>

- [ ] item
  1. nested
</details>

| a | b |
|--:|:-:|
| 1 | **2** | 3 |

0. zero
"""

ARABIC = "# لماذا\n\nلأن الضوء الأزرق يتشتت.\n\nLight."

NAMES = {
    "opf": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
    "ncx": "http://www.daisy.org/z3986/2005/ncx/",
    "h": "http://www.w3.org/1999/xhtml",
}


def opened(data):
    return ZipFile(io.BytesIO(data))


def xml(data, name):
    return ET.fromstring(opened(data).read(f"book/{name}"))


@pytest.mark.long
def test_a_book_is_valid(tmp_path):
    file = tmp_path / "book.epub"
    turns = [(HOSTILE, HOSTILE), ("", ""), ("Why?", SAMPLE), ("لماذا؟", ARABIC)]
    file.write_bytes(saved(turns, "epub", note="Stopped.", rtl=True, preface="<Not> all."))
    quick = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
    command = ["java", *quick, "-jar", "/usr/share/java/epubcheck.jar", str(file)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert "No errors or warnings detected." in checked.stdout, checked.stderr + checked.stdout


def test_the_archive_begins_with_its_type():
    data = saved([("Why?", "So.")], "epub")
    (first, *_) = opened(data).infolist()
    assert (first.filename, first.compress_type, first.flag_bits) == ("mimetype", ZIP_STORED, 0)
    assert data[30:58] == b"mimetypeapplication/epub+zip"


def test_every_file_of_the_archive_tells_its_size_first():
    """Readers that take an archive as it comes know no other way."""
    data = saved([("Why?", "So.")], "epub")
    for info in opened(data).infolist():
        signature, _, flags, *_, packed, size = struct.unpack_from(
            "<4s5H3I", data, info.header_offset
        )
        assert (signature, flags & 8) == (b"PK\3\4", 0)
        assert (packed, size) == (info.compress_size, info.file_size)
    assert opened(data).testzip() is None


def test_an_archive_holds_long_files():
    archive = Archive(book_of([("Why?", "")]).saved)
    text = "äbc" * PIECE_BYTES
    data = archive.add("a", text) + archive.add("b", "") + archive.end()
    assert opened(data).read("a").decode() == text
    assert opened(data).read("b") == b""


def test_it_says_what_it_is():
    data = saved([("لماذا؟", ARABIC)], "epub", language="ar", rtl=True)
    package = xml(data, "package.opf")
    said = {name: package.findtext(f".//dc:{name}", None, NAMES) for name in ("title", "language")}
    assert said == {"title": "لماذا؟", "language": "ar"}
    assert package.find("opf:spine", NAMES).get("page-progression-direction") == "rtl"
    chapter = xml(data, "q1.xhtml")
    assert (chapter.get("lang"), chapter.get("dir")) == ("ar", "rtl")


def test_contents_of_both_kinds_lead_to_questions_and_headings():
    data = saved([("Why?", "# One\n\na\n\n# Two"), ("How?", "So.")], "epub")
    places = ["q1.xhtml", "q1.xhtml#hn1-1", "q1.xhtml#hn1-2", "q2.xhtml"]
    nav = xml(data, "contents.xhtml").find(".//h:nav", NAMES)
    assert [link.get("href") for link in nav.iter(f"{{{NAMES['h']}}}a")] == places
    points = [*xml(data, "contents.ncx").iter(f"{{{NAMES['ncx']}}}navPoint")]
    assert [point.find("ncx:content", NAMES).get("src") for point in points] == places
    assert [point.get("playOrder") for point in points] == ["1", "2", "3", "4"]


@cases(("questions", "pages"), [(1, 1), (2, 3)])
def test_contents_are_the_first_page_of_several_chapters(questions, pages):
    data = saved([("Why?", "So.")] * questions, "epub")
    assert len(xml(data, "package.opf").findall(".//opf:itemref", NAMES)) == pages


def test_tables_are_tables():
    data = saved([("Why?", "| a | b |\n|---|---|\n| c | d |")], "epub")
    table = xml(data, "q1.xhtml").find(".//h:table", NAMES)
    assert [cell.text for cell in table.iter(f"{{{NAMES['h']}}}td")] == ["c", "d"]


def test_it_is_written_as_its_chapters_come():
    turns = [("Why?", "So."), ("How?", "Thus.")]
    chapters = iter(chapters_of(turns, "epub"))
    parts = FORMATS["epub"].write(book_of(turns), chapters)
    begun = b"".join(next(parts) for _ in range(4))
    assert b"q1.xhtml" in begun
    assert next(chapters).number == 2
