"""In which language a book is, as far as its letters tell."""

from kindlechat.export.language import language_of, turns_pages_leftwards
from tests.cases import cases


@cases(
    ("text", "expected", "language"),
    [
        ("Why is the sky blue?", "en", "en"),
        ("Warum?", "de", "de"),
        ("Warum?", "ru", "en"),
        ("Почему?", "en", "ru"),
        ("Чому їжак?", "en", "uk"),
        ("لماذا السماء زرقاء؟", "en", "ar"),
        ("چرا آسمان آبی است؟", "en", "fa"),
        ("למה השמיים כחולים?", "en", "he"),
        ("为什么天空是蓝色的？", "en", "zh"),
        ("なぜ空は青いのですか", "en", "ja"),
        ("하늘은 왜 파란가요?", "en", "ko"),
        ("Explain the word Привет in English, please", "fr", "fr"),
        ("2 + 2 = ?", "nl", "nl"),
        ("", "it", "it"),
        ("为什么天空是蓝色的？", "zh-Hans", "zh-Hans"),
        ("Why is the sky blue?", "zh-Hans", "en"),
        ("Por que o céu é azul?", "pt-BR", "pt-BR"),
    ],
)
def test_letters_tell_the_language(text, expected, language):
    assert language_of(text, expected) == language


def test_pages_turn_as_the_text_runs():
    assert turns_pages_leftwards("لماذا السماء زرقاء؟")
    assert not turns_pages_leftwards("What does السماء mean?")
