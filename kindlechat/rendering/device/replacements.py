"""What a sign becomes on a device whose typefaces lack it: a table, by what the signs mean (pure).

Two signs that mean different things never become the same text where they may stand beside each other.
"""

# fmt: off
ARROWS = {
    "→": "->", "←": "<-", "↔": "<->", "⇒": "=>", "⇐": "<==", "⇔": "<=>", "↦": "|->", "⟶": "-->", "⟹": "==>",
    "⟵": "<--", "⟸": "<===", "⟷": "<--->", "➡": "->", "⬅": "<-", "➜": "->", "➔": "->", "➤": "->",
    "↑": "(up)", "↓": "(down)", "⬆": "(up)", "⬇": "(down)", "⇑": "(UP)", "⇓": "(DOWN)", "↕": "(up/down)",
    "↗": "(up right)", "↘": "(down right)", "↙": "(down left)", "↖": "(up left)", "↵": "(Enter)",
    "⇌": "<-->", "⇄": "<-->",
}
RELATIONS = {
    "≤": "<=", "≥": ">=", "≠": "!=", "≡": "===", "≈": "~=", "∼": "~", "≅": "=~", "≪": "<<", "≫": ">>",
    "∝": "proportional to", "∈": "in", "∉": "not in", "∋": "contains", "⊥": "perpendicular to",
    "⊂": "subset of", "⊃": "superset of", "⊆": "subset of or equal to",
    "⊇": "superset of or equal to", "∥": "parallel to", "∴": "therefore", "∵": "because",
}
OPERATORS = {
    "±": "+/-", "∓": "-/+", "×": "x", "÷": "/", "·": "*", "⊕": "(+)", "⊗": "(x)", "√": "sqrt",
    "∘": "composed with", "∛": "cbrt", "∑": "sum", "∏": "product", "∫": "integral", "∂": "partial",
    "∇": "nabla", "∪": "union", "∩": "intersected with", "∧": "and", "∨": "or", "¬": "not",
}
OTHER_MATHS = {
    "∀": "for all", "∃": "exists", "∅": "{}", "∞": "infinity", "°": "deg", "′": "'", "″": "''",
    "∠": "angle", "℃": "deg C", "℉": "deg F", "Ω": "Ohm", "‰": "per mille", "‱": "per ten thousand",
    "\u2044": "/", "\u2215": "/", "\u2212": "-", "⋯": "...", "△": "triangle", "ℵ": "aleph",
    "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")",
}
DASHES = {"—": "--", "―": "--", "–": "-", "‒": "-", "‐": "-", "‑": "-"}
"""The dash between words, and the one between the ends of a range."""

STARS = {"★": "(*)", "⭐": "(*)", "🌟": "(*)", "☆": "( )"}
SHAPES = {
    "●": "(o)", "○": "o", "◉": "(o)", "■": "[#]", "▪": "[#]", "□": "[ ]", "▫": "[ ]", "◆": "<#>", "◇": "<>",
    "▲": "/\\", "▼": "\\/", "►": "|>", "▶": "|>", "◄": "<|", "◀": "<|", "☐": "[ ]",
}
SHADES = {
    "█": "#", "▓": "%", "▒": "+", "░": "-",
    "▇": "*", "▆": "=", "▅": "~", "▄": ":", "▃": ",", "▂": ".", "▁": "_",
}
"""Of bars that show how much there is of something, and of what small drawings are made of."""

BULLETS = {"•": "*", "◦": "-", "‣": ">"}
WARNINGS = {"⚠": "(!)", "❗": "(!)", "ℹ": "(i)", "❓": "(?)"}
MONEY = {
    "¥": "JPY", "₽": "RUB", "₹": "INR", "₿": "BTC", "₩": "KRW", "₪": "ILS", "₺": "TRY",
    "₴": "UAH", "¢": "cents",
    "₫": "VND", "฿": "THB", "₦": "NGN", "₱": "PHP", "₡": "CRC", "₵": "GHS", "₮": "MNT", "₭": "LAK",
    "₲": "PYG", "₸": "KZT", "₼": "AZN", "₾": "GEL", "৳": "BDT", "¤": "(currency)",
}
MARKS = {"†": "(dagger)", "‡": "(double dagger)", "※": "(reference mark)"}
LETTERS = {"।": ".", "॥": "..", "§": "par.", "¶": "para.", "№": "No.", "«": '"', "»": '"'}
CIRCLED = {chr(0x245F + number): f"({number})" for number in range(1, 21)}  # ①
CIRCLED |= {chr(0x2775 + number): f"({number})" for number in range(1, 11)}  # ❶
MUSIC = {"♩": "(quarter note)", "♪": "(note)", "♫": "(notes)", "♬": "(fast notes)", "♯": "#", "♭": "b"}
KEYS = {
    "⌘": "(Cmd)", "⌥": "(Option)", "⌃": "(Ctrl)", "⇧": "(Shift)", "⏎": "(Return)", "⌫": "(Backspace)",
    "⌦": "(Delete)", "⎋": "(Esc)", "⇥": "(Tab)", "⇪": "(Caps Lock)", "␣": "(Space)",
}
LINE_ENDS = {"\u2028": "\n", "\u2029": "\n\n"}
# fmt: on

FAMILIES = {
    "arrows": ARROWS,
    "relations": RELATIONS,
    "operators": OPERATORS,
    "mathematics": OTHER_MATHS,
    "dashes": DASHES,
    "stars": STARS,
    "shapes": SHAPES,
    "shades": SHADES,
    "bullets": BULLETS,
    "warnings": WARNINGS,
    "money": MONEY,
    "letters": LETTERS,
    "marks": MARKS,
    "circled numbers": CIRCLED,
    "music": MUSIC,
    "keys": KEYS,
}

REPLACEMENTS = {
    sign: plain for family in (*FAMILIES.values(), LINE_ENDS) for sign, plain in family.items()
}
"""Where the library's table says too little; everywhere else it is used as it is."""

WORDS = frozenset(
    sign
    for family in (RELATIONS, OPERATORS, OTHER_MATHS, {"¢": "cents"})
    for sign, plain in family.items()
    if plain[0].isalpha() and plain[-1].isalpha()
)
"""Signs that become words, which a blank parts from the words beside them."""

SAME_LOOK = str.maketrans({"⋅": "·", "∙": "·", "˚": "°", "\u2126": "Ω"})
"""Signs that look like another one and mean the same, which more typefaces have."""

STAND_INS = {
    "⭐": "★",
    "🌟": "★",
    "➡": "→",
    "⬅": "←",
    "⬆": "↑",
    "⬇": "↓",
    "➜": "→",
    "➔": "→",
    "➤": "→",
}
"""Signs of the same meaning that more typefaces have."""

YES = frozenset("✓✔✅☑")
NO = frozenset("✗✘❌❎☒✖")
YES_AND_NO = {
    "en": ("yes", "no"),
    "ru": ("да", "нет"),
    "es": ("sí", "no"),
    "de": ("ja", "nein"),
    "fr": ("oui", "non"),
    "it": ("sì", "no"),
    "nl": ("ja", "nee"),
    "pt": ("sim", "não"),
    "ar": ("نعم", "لا"),
    "hi": ("हाँ", "नहीं"),
    "zh": ("是", "否"),
}
"""What checks and crosses say, by the language's code. `[x]` would mean yes to some and no to others."""


def answer_of(sign: str, language: str) -> str:
    """The word that a check or a cross stands for, in brackets; "" for another sign."""
    yes, no = YES_AND_NO.get(language.partition("-")[0], YES_AND_NO["en"])
    return f"({yes})" if sign in YES else f"({no})" if sign in NO else ""
