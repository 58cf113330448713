"""Names of files: whatever a title holds, a device can store it."""

from hypothesis import given
from hypothesis import strategies as st

from kindlechat.conversation import TITLE_CHARS, title_of
from kindlechat.export.names import NAME_CHARS, file_name
from tests.cases import cases


@cases(
    ("title", "name"),
    [
        ("Why is the sky blue?", "why-is-the-sky-blue.epub"),
        ("Почему небо голубое?", "pochemu-nebo-goluboe.epub"),
        (
            'What\'s "this"; filename=../../etc/passwd\r\nX: y',
            "whats-this-filename-etc-passwd-x-y.epub",
        ),
        ("", "kindlechat.epub"),
        ("???", "kindlechat.epub"),
        ("CON", "kindlechat-con.epub"),
        ("word " * 40, "word-word-word-word-word-word-word-word-word-word-word-word.epub"),
        ("x" * 500, "x" * NAME_CHARS + ".epub"),
    ],
)
def test_a_file_is_named_after_its_title(title, name):
    assert file_name(title, "epub", "kindlechat") == name


@given(st.text())
def test_a_name_is_short_ascii(title):
    name = file_name(title, "mobi", "kindlechat")
    assert name.isascii()
    assert name.replace("-", "").removesuffix(".mobi").isalnum()
    assert name == name.lower()
    assert len(name) <= NAME_CHARS + len("kindlechat-.mobi")


@cases(
    ("question", "title"),
    [
        ("Why?", "Why?"),
        ("\n  Why   so\tblue?\nmore", "Why so blue?"),
        ("\u202eevil\u202c", "evil"),
        ("", ""),
        ("x" * 100, "x" * TITLE_CHARS + "…"),
    ],
)
def test_a_title_is_the_first_line_of_a_question(question, title):
    assert title_of(question) == title


def test_a_long_title_ends_after_a_word():
    title = title_of("some words, " * 20)
    assert title.endswith("words, some…")
    assert len(title) <= TITLE_CHARS + 1
