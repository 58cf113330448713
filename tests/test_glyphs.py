"""Signs that a device lacks: each becomes one that it has."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindlechat.rendering.answer.tree import element, to_html
from kindlechat.rendering.device.emoji_names import load_names, symbol_name
from kindlechat.rendering.device.glyphs import Glyphs, _has, fit_html, fit_nodes, fit_text
from kindlechat.rendering.device.replacements import FAMILIES, NO, YES, YES_AND_NO
from tests.cases import cases


@cases(
    ("text", "unicode", "latin1", "ascii_"),
    [
        ("plain", "plain", "plain", "plain"),
        ("café – “so”…", "café – “so”…", 'café -- "so"...', 'cafe -- "so"...'),
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
        ("👍 good", *["(thumbs up) good"] * 3),
        ("👍🏽", *["(thumbs up)"] * 3),
        ("the 🚀 icon", *["the (rocket) icon"] * 3),
        ("👩‍🚀", *["(woman astronaut)"] * 3),
        ("I ❤️ it", *["I (red heart) it"] * 3),
        ("★★★☆☆", "★★★☆☆", "(*)(*)(*)( )( )", "(*)(*)(*)( )( )"),
        ("⭐⭐", "★★", "(*)(*)", "(*)(*)"),
        ("1½ + 2⅓", "1½ + 2⅓", "1½ + 2 1/3", "1 1/2 + 2 1/3"),
        ("½cup ⅔", "½cup ⅔", "½cup 2/3", "1/2 cup 2/3"),
        ("x½, (a)¾", "x½, (a)¾", "x½, (a)¾", "x 1/2, (a) 3/4"),
        ("5\u202f‰ 6‰", "5\u202f‰ 6‰", *["5 per mille 6 per mille"] * 2),
        (
            "25°C 4 ℃ 30°15′",
            "25°C 4 ℃ 30°15′",
            "25°C 4 deg C 30°15'",
            "25 deg C 4 deg C 30 deg 15'",
        ),
        ("∂f/∂x ∇f ∀x∃y", "∂f/∂x ∇f ∀x∃y", *["partial f/partial x nabla f for all x exists y"] * 2),
        ("x∈A ∩ B, p∧(q)", "x∈A ∩ B, p∧(q)", *["x in A intersected with B, p and (q)"] * 2),
        ("2×3 2× 4×a", "2×3 2× 4×a", "2×3 2× 4×a", "2 x 3 2x 4 x a"),
        ("»\xa0more; «so»", "»\xa0more; «so»", "»\xa0more; «so»", '~> more; "so"'),
        (
            "5 μm 5Ω 2 kΩ 3 Å",
            "5 μm 5Ω 2 kΩ 3 Å",
            "5 µm 5 Ohm 2 kOhm 3 Å",
            "5 um 5 Ohm 2 kOhm 3 angstrom",
        ),
        ("⌊x⌋ ⌈x⌉ △ABC 2†", "⌊x⌋ ⌈x⌉ △ABC 2†", *["floor(x) ceil(x) triangle ABC 2(dagger)"] * 2),
        ("฿5 ₡6 ₵7", "฿5 ₡6 ₵7", *["THB5 CRC6 GHS7"] * 2),
        ("N⋅m 25˚C ⌘C", "N·m 25°C (Cmd)C", "N·m 25°C (Cmd)C", "N*m 25 deg C (Cmd)C"),
        ("a\u03a2b", "ab", "ab", "ab"),
        ("λ², π²", "λ², π²", "lambda², pi²", "lambda^2, pi^2"),
        ("▓▓░ ██░ ▁▃█", *["%%- ##- _,#"] * 3),
        ("¥5 ₽6 £7", "¥5 ₽6 £7", "¥5 RUB6 £7", "JPY5 RUB6 GBP7"),
        ("a − b", "a − b", "a - b", "a - b"),
        ("7−5, −2, (−2)", "7−5, −2, (−2)", *["7 - 5, -2, (-2)"] * 2),
        ("5–7, A–B", "5–7, A–B", *["5-7, A-B"] * 2),
        ("so – or so — or—so", "so – or so — or—so", *["so -- or so -- or--so"] * 2),
        ("x̄, p̂₁, v⃗", "x̄, p̂₁, v⃗", *["x_bar, p_hat_1, v_vec"] * 2),
        ("ẋ, Ĥψ, nx̄", "ẋ, Ĥψ, nx̄", *["x_dot, H_hat psi, n x_bar"] * 2),
        ("AB⃗ mv⃗", "AB⃗ mv⃗", *["AB_vec m v_vec"] * 2),
        ("0.3̅, 0.1̅2̅", "0.3̅, 0.1̅2̅", *["0.(3), 0.(12)"] * 2),
        ("0.3̇, 0.16̇, 2.1̇42857̇", "0.3̇, 0.16̇, 2.1̇42857̇", *["0.(3), 0.1(6), 2.(142857)"] * 2),
        ("1,16̄ A̅B̅ 3̸x", "1,16̄ A̅B̅ 3̸x", *["1,1(6) (AB)_bar 3_struck x"] * 2),
        ("(a + b)̅", "(a + b)̅", *["(a + b)_bar"] * 2),
        ("Hà ở ö naïve", "Hà ở ö naïve", "Hà o ö naïve", "Ha o o naive"),
        ("1️⃣ 🇫🇷", "1 (FR)", "1 (FR)", "1 (FR)"),
        ("2ˣ, Lᶜ", "2ˣ, Lᶜ", "2^x, L^c", "2^x, L^c"),
        ("♪ la ♫", *["(note) la (notes)"] * 3),
        ("a❶ ❿", *["a(1) (10)"] * 3),
        ("①⑳", "(1)(20)", "(1)(20)", "(1)(20)"),
        ("✅ ✓ ❌ ✗ ⚠️", *["(yes) (yes) (no) (no) (!)"] * 3),
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


@cases(
    ("language", "fitted"),
    [
        ("en", "(yes) (no) (magnifying glass tilted left)"),
        ("ru", "(да) (нет) (лупа, наклоненная влево)"),
        ("de", "(ja) (nein) (Lupe nach links)"),
        ("nl", "(ja) (nee) (vergrootglas naar links gericht)"),
        ("xx", "(yes) (no) (magnifying glass tilted left)"),
        ("pt-BR", "(sim) (não) (lupa para a esquerda)"),
    ],
)
def test_checks_crosses_and_emoji_speak_the_pages_language(language, fitted):
    assert fit_text("✓ ✗ 🔍", Glyphs.UNICODE, language) == fitted
    assert fit_html("<p>✓ ✗ 🔍</p>", Glyphs.UNICODE, language) == f"<p>{fitted}</p>"


def test_every_language_with_words_for_yes_and_no_has_names_for_signs():
    english = load_names("en")
    for language in YES_AND_NO:
        names = load_names(language)
        assert len(names) > 0.95 * len(english)
        assert language == "en" or names["🔍"] != english["🔍"]


@cases(("sign", "ascii_"), [("≯", "(not greater-than)"), ("⊤", "(down tack)")])
def test_a_symbol_that_no_text_stands_for_has_its_name(sign, ascii_):
    assert fit_text(sign, Glyphs.ASCII) == ascii_


@cases("language", ["en", "nl", "ru"])
def test_no_two_symbols_become_the_same_text(language):
    """Beyond the table, too: spelt in Latin letters, most would be a dash, a star or a plus."""
    meaning = {sign: group for group in (*SAME, *map("".join, (YES, NO))) for sign in group}
    fitted = {}
    for sign in map(chr, (*range(0x2190, 0x2460), *range(0x25A0, 0x2800), *range(0x2900, 0x2C00))):
        if unicodedata.category(sign) in ("Sm", "So") and sign not in FAMILIES["bullets"]:
            text = fit_text(sign, Glyphs.ASCII, language)
            fitted.setdefault(text, set()).add(meaning.get(sign, _name(sign, language)))
    assert {text: signs for text, signs in fitted.items() if len(signs) > 1} == {}


def _name(sign, language):
    folded = unicodedata.normalize("NFKC", sign)
    return folded if folded.isascii() else symbol_name(sign, language)


def test_every_language_of_the_pages_has_words_for_yes_and_no():
    names = {path.stem.partition("-")[0] for path in Path("site/translations").glob("*.po")}
    assert names <= set(YES_AND_NO)


SAME = [
    "·⋅∙",
    "°˚",
    "—―–",
    "‒‐‑",
    "⌋⌉",
    "→➡➜➔➤",
    "←⬅",
    "↑⬆",
    "↓⬇",
    "⇌⇄",
    "★⭐🌟",
    "●◉",
    "■▪",
    "□▫☐",
    "►▶",
    "◄◀",
    "⚠❗",
    "«»",
    "\u2044\u2215",
    *(chr(0x245F + number) + chr(0x2775 + number) for number in range(1, 11)),
    "≡⩶",
]
"""Signs of one meaning: these may become the same text."""


@cases("glyphs", Glyphs)
@cases("family", FAMILIES)
def test_signs_of_different_meanings_never_become_the_same_text(family, glyphs):
    meaning = {sign: group for group in SAME for sign in group}
    fitted = {}
    for sign in FAMILIES[family]:
        fitted.setdefault(fit_text(sign, glyphs), set()).add(meaning.get(sign, sign))
    assert {text: signs for text, signs in fitted.items() if len(signs) > 1} == {}


def test_the_document_shows_every_replaced_sign(write_table):
    escaped_bar = "\\|"
    signs = dict.fromkeys(sign for family in (*FAMILIES.values(), "✓✗½⅓") for sign in family)
    rows = [[sign, *(f"`{fit_text(sign, glyphs)}`" for glyphs in Glyphs)] for sign in signs]
    table = "\n".join(
        f"| {' | '.join(cell.replace('|', escaped_bar) for cell in row)} |" for row in rows
    )
    document = Path("docs/signs.md")
    head = document.read_text().partition("<!-- table -->\n")[0]
    text = (
        f"{head}<!-- table -->\n\n| sign | "
        + " | ".join(Glyphs)
        + " |\n|---|"
        + "---|" * len(Glyphs)
        + f"\n{table}\n"
    )
    write_table(document, text)
    assert document.read_text() == text


def test_cyrillic_keeps_its_letters_and_punctuation():
    assert fit_text("Съешь ещё «этих» — №1…", Glyphs.CYRILLIC) == "Съешь ещё «этих» — №1…"
    assert fit_text("Небо → 你好 ő", Glyphs.CYRILLIC) == "Небо -> NiHao o"


@pytest.mark.parametrize("glyphs", Glyphs)
@settings(max_examples=3 * settings.default.max_examples)
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


@cases("pattern", ["→", "é", "🇫", "😀\u200d", "²", "α", "&é", "<é", "\u200d"])
def test_long_text_is_fitted(pattern, hostile_chars):
    assert fit_text((pattern * hostile_chars)[:hostile_chars], Glyphs.ASCII) is not None
    assert fit_html((pattern * hostile_chars)[:hostile_chars], Glyphs.ASCII) is not None


def test_a_tree_is_fitted_as_its_html_is():
    """Page view measures the words that emoji become."""
    nodes = (element("p", "🐻🐻 and ", element("strong", "x²⁰ &amp; é"), "…"), element("hr"), "½")
    for glyphs in Glyphs:
        assert to_html(fit_nodes(nodes, glyphs)) == fit_html(to_html(nodes), glyphs)
