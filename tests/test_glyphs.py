"""Signs that a device lacks: each becomes one that it has."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindlechat.rendering.device.glyphs import Glyphs, _has, fit_html, fit_text


@pytest.mark.parametrize(
    ("text", "unicode", "latin1", "ascii_"),
    [
        ("plain", "plain", "plain", "plain"),
        ("café – “so”…", "café – “so”…", 'café - "so"...', 'cafe - "so"...'),
        ("a → b ⇒ c", "a → b ⇒ c", "a -> b => c", "a -> b => c"),
        ("x ≤ y ≠ z", "x ≤ y ≠ z", "x <= y != z", "x <= y != z"),
        ("x² + y¹⁰", "x² + y¹⁰", "x² + y^10", "x^2 + y^10"),
        ("xⁿ⁺¹, aᵢ", "xⁿ⁺¹, aᵢ", "x^(n+1), a_i", "x^(n+1), a_i"),
        ("3 × 4 ± 1", "3 × 4 ± 1", "3 × 4 ± 1", "3 x 4 +/- 1"),
        ("√2 · 2πr", "√2 · 2πr", "sqrt 2 · 2 pi r", "sqrt 2 * 2 pi r"),
        ("Σ α", "Σ α", "Sigma alpha", "Sigma alpha"),
        ("λόγος", "λόγος", "logos", "logos"),
        ("½ €5", "½ €5", "½ EUR5", "1/2 EUR5"),
        ("Большой", "Большой", "Bol'shoy", "Bol'shoy"),
        ("你好", "你好", "NiHao", "NiHao"),
        ("┌─┐", "┌─┐", "+-+", "+-+"),
        ("ﬁne", "ﬁne", "fine", "fine"),
        ("so\u00adft", "soft", "soft", "soft"),
        ("a\u2009b\u200bc", "a\u2009bc", "a bc", "a bc"),
        ("👍 good", "(thumbsup) good", "(thumbsup) good", "(thumbsup) good"),
        ("👍🏽", "(thumbsup)", "(thumbsup)", "(thumbsup)"),
        ("🚀 Go ✨", " Go ", " Go ", " Go "),
        ("1️⃣ 🇫🇷", "1 (FR)", "1 (FR)", "1 (FR)"),
        ("①⑳", "(1)(20)", "(1)(20)", "(1)(20)"),
        ("✅ ❌ ⚠️", "[x] [-] (!)", "[x] [-] (!)", "[x] [-] (!)"),
        ("𝑥 𝐀", "x A", "x A", "x A"),
        ("𠮷", "𠮷", "Kichi", "Kichi"),
        ("𐍈", "hw", "hw", "hw"),
        ("\ue000\ufeff", "", "", ""),
    ],
)
def test_signs_are_replaced_by_fixed_ones(text, unicode, latin1, ascii_):
    assert fit_text(text, Glyphs.UNICODE) == unicode
    assert fit_text(text, Glyphs.LATIN1) == latin1
    assert fit_text(text, Glyphs.ASCII) == ascii_


def test_cyrillic_keeps_its_letters_and_punctuation():
    assert fit_text("Съешь ещё «этих» — №1…", Glyphs.CYRILLIC) == "Съешь ещё «этих» — №1…"
    assert fit_text("Небо → 你好 ő", Glyphs.CYRILLIC) == "Небо -> NiHao o"


@pytest.mark.parametrize("glyphs", Glyphs)
@settings(max_examples=300)
@given(text=st.text())
def test_nothing_is_left_that_a_device_lacks(glyphs, text):
    fitted = fit_text(text + "\n🙂é", glyphs)
    assert [letter for letter in fitted if not (_has(letter, glyphs) or letter.isascii())] == []


@given(st.text("aé ßþ×\xa0½²\n"))
def test_what_fits_stays(text):
    assert fit_text(text, Glyphs.LATIN1) == text


@pytest.mark.parametrize("glyphs", Glyphs)
@given(words=st.lists(st.text(min_size=1).filter(lambda word: not word[-1:].isspace()), min_size=2))
def test_more_words_change_nothing_before_them(glyphs, words):
    assert fit_text(" ".join(words), glyphs).startswith(fit_text(words[0] + " ", glyphs))


def test_in_html_only_text_is_fitted_and_what_comes_in_is_escaped():
    html = '<p title="→">a&rarr;→ &amp;…</p><textarea rows="1">→</textarea>→'
    assert fit_html(html, Glyphs.ASCII) == (
        '<p title="→">a&rarr;-&gt; &amp;...</p><textarea rows="1">→</textarea>-&gt;'
    )


def test_no_line_end_is_left_that_would_be_an_empty_box():
    assert fit_html("<p>é\u2028b \u2029 c</p>", Glyphs.UNICODE) == "<p>é\nb \n\n c</p>"


@given(st.text("→<&é a;#"), st.sampled_from(Glyphs))
def test_no_markup_comes_of_text(text, glyphs):
    assert (
        fit_html("é<i>" + text.replace("&", "&amp;").replace("<", "&lt;"), glyphs).count("<") == 1
    )


@pytest.mark.parametrize("pattern", ["→", "é", "🇫", "😀\u200d", "²", "α", "&é", "<é", "\u200d"])
def test_long_text_is_fitted(pattern):
    assert fit_text((pattern * 200_000)[:200_000], Glyphs.ASCII) is not None
    assert fit_html((pattern * 200_000)[:200_000], Glyphs.ASCII) is not None
