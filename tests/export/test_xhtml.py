"""Answers as XHTML: well-formed, and nothing in it that an e-reader cannot do."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.cases import cases
from tests.export.books import chapters_of, saved, saved_answer

SAMPLE = Path("tests/fixtures/answer.md").read_text()


def parsed(xhtml):
    return ET.fromstring(f"<div>{xhtml}</div>")


def tags(xhtml):
    return {element.tag for element in parsed(xhtml).iter()}


def test_an_answer_is_well_formed_xml():
    assert {"h2", "table", "pre", "blockquote", "ol", "ul", "a", "br"} <= tags(
        saved_answer(SAMPLE, "html")
    )


@given(st.text(st.sampled_from("a \n*_`<>&|#-[]()!:^$\\1\x00\x0b\ufffe\u202e\xa0é"), max_size=80))
def test_any_answer_is_well_formed_xml(text):
    parsed(saved_answer(text, "html"))


def test_headings_have_marks_and_are_listed():
    (chapter,) = chapters_of([("Why?", "# A *b* & c\n\ntext\n\n## \n\n### D")], "html")
    assert chapter.sections == (("hn1-1", "A b &amp; c"), ("hn1-2", "D"))
    assert '<h2 id="hn1-1">A <em>b</em> &amp; c</h2>' in chapter.answer


@cases(
    ("markdown", "kept"),
    [
        ("[a](https://a.example/x?y=1&z=%20#p)", True),
        ("[a](https://a.example/ä)", True),  # the parser encodes it
        ("[a](https://[::1]:8000/)", True),
        ("[a](https://a.example/x#y#z)", False),
        ("[a](https://a.example/%zz)", True),  # the parser encodes the sign
        ("[a](javascript:alert(1))", False),
        ("[a](#elsewhere)", False),
    ],
)
def test_links_lead_to_sound_addresses_only(markdown, kept):
    assert ("href" in saved_answer(markdown, "html").partition("<hr/>")[0]) == kept


def test_footnotes_lead_to_what_is_there_by_marks_in_plain_letters():
    xhtml = saved_answer("One[^été] two[^7].\n\n[^été]: Note.", "html")
    marks = {element.get("id") for element in parsed(xhtml).iter()} - {None}
    targets = re.findall('href="#([^"]+)"', xhtml)
    assert len(targets) == 2
    assert set(targets) <= marks
    assert all(map(str.isascii, marks))
    assert "two<sup>" in xhtml


def test_what_can_be_opened_is_open():
    assert tags(saved_answer("<details><summary>More</summary>\n\nIn\n\n</details>", "html")) == {
        *("div", "p", "strong")
    }


def test_cells_are_aligned_by_classes():
    xhtml = saved_answer("| a | b |\n|--:|:-:|\n| 1 | 2 |", "html")
    assert '<td class="right">1</td><td class="center">2</td>' in xhtml


def test_sizes_of_headings_and_numbers_of_items_are_kept():
    xhtml = saved_answer("### Small\n\n1. a\n3. c", "html")
    assert '<h2 class="minor" id="hn1-1">Small</h2>' in xhtml
    assert '<li value="3">c</li>' in xhtml


def test_formulas_are_text():
    xhtml = saved_answer("$$\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}$$", "html")
    assert tags(xhtml) <= {"div", "p", "br"}
    assert "1" in xhtml


def test_a_page_holds_whatever_a_question_says_as_text():
    question = "</title><script>alert(1)</script>&amp;\x00\n\"'>"
    html = saved([(question, "So."), (question, "So.")], "html").decode()
    assert "<script" not in html
    assert (
        html.count("&lt;/title&gt;&lt;script&gt;") == 7
    )  # title, contents, and twice in each chapter


def test_contents_lead_to_each_question():
    html = saved([("Why?", "# A"), ("How?", "# B")], "html", preface="Not all.").decode()
    assert re.findall('href="#(q\\d)"', html) == ["q1", "q2"]
    assert re.findall('<h1 id="(q\\d)"', html) == ["q1", "q2"]
    assert "Not all." in html
    assert "<nav>" not in saved([("Why?", "So.")], "html").decode()


def test_text_runs_as_its_letters_do():
    html = saved([("لماذا؟", "لأن الضوء.\n\nLight.")], "html", language="ar", rtl=True).decode()
    assert '<html lang="ar" dir="rtl">' in html
    assert '<h1 id="q1" dir="rtl">' in html
    assert '<p dir="rtl">لأن الضوء.</p><p>Light.</p>' in html
