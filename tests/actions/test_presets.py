"""The operator's own buttons come from a file, and a mistake in it is told with its line."""

import pytest

from kindlechat.actions.action import ActionPlace
from kindlechat.actions.presets import parse_presets, read_presets
from kindlechat.errors import SettingsError
from tests.cases import cases

GOOD = """\
[[preset]]
name = { en = "For a child", de = "Für ein Kind" }
prompt = "Say your last answer again for a child of ten."

# beside Ask
[[preset]]
name = "Rhyme"
prompt = "Put the text below into verse, in {language}."
at = ["box", "answer"]
"""


def test_a_file_gives_buttons():
    child, rhyme = parse_presets(GOOD, "presets.toml")
    assert child.places == {ActionPlace.ANSWER}
    assert child.label(str, "de") == "Für ein Kind"
    assert child.label(str, "ru") == "For a child"
    assert rhyme.places == {ActionPlace.ANSWER, ActionPlace.BOX}
    assert rhyme.asked_of("a text", "French").endswith("in French.\n\na text")


def test_a_file_may_be_empty():
    assert parse_presets("", "presets.toml") == ()


@cases(
    ("old", "new", "told"),
    [
        (
            'prompt = "Say',
            "prompt = Say",
            ": expected TOML, got a mistake: Invalid value (at line 3",
        ),
        (
            'prompt = "Put',
            'promt = "Put',
            ", line 8: promt: expected one of name, prompt, at, got 'promt'",
        ),
        (
            'at = ["box", "answer"]',
            'at = "side"',
            ', line 9: at: expected "answer", "box" or both, as ["answer", "box"], got \'side\'',
        ),
        ('"Rhyme"', '""', ", line 7: name: expected a name of 1 to 40 characters for en"),
        ('"Rhyme"', "3", ", line 7: name: expected the button's words by language"),
        ('name = "Rhyme"\n', "", ", line 6: name: expected the button's words by language"),
        (
            "en =",
            "English =",
            ", line 2: name: expected the code of a language, such as en, got 'English'",
        ),
        (
            '[[preset]]\nname = "R',
            '[[button]]\nname = "R',
            ", line 6: expected [[preset]], got button",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(old, new, told):
    assert old in GOOD
    with pytest.raises(SettingsError) as caught:
        parse_presets(GOOD.replace(old, new), "presets.toml")
    assert str(caught.value).startswith(f"presets.toml{told}")


def test_too_many_buttons_are_refused():
    with pytest.raises(SettingsError, match="at most 6 presets at answer"):
        parse_presets('[[preset]]\nname = "A"\nprompt = "B"\n' * 7, "presets.toml")


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(SettingsError, match="KINDLECHAT_PRESETS: expected a file"):
        read_presets(tmp_path / "missing.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="no UTF-8"):
        read_presets(tmp_path / "bytes.toml")
