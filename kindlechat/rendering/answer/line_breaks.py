"""Line breaks in scripts that have no blanks between words: where a line of theirs may end."""

import re

WRAPPED_ANYWHERE = (
    "\u2e80-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff"
)
"""Chinese, Japanese, Korean and Yi signs: lines end after nearly any of them."""

THAI = "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Tibetan, Burmese and Khmer."""

NOT_FIRST = "、。，．！？；：）」』】〕〉》］｝ーっゃゅょッャュョ々〜～・…,.!?;:)]}”’»"
"""What no line begins with."""

NOT_LAST = "（「『【〔〈《［｛([{“‘«"
"""What no line ends with."""

MARKS = (
    "\u0e30-\u0e3a\u0e45-\u0e4e\u0eb0-\u0ebc\u0ec6-\u0ece\u0f71-\u0f84\u102b-\u103e\u17b4-\u17d3"
)
"""Vowels and tones that belong to the letter before them."""

LEADING = "\u0e40-\u0e44\u0ec0-\u0ec4"
"""Vowels that belong to the letter after them."""

BREAK = re.compile(
    rf"(?<=[{WRAPPED_ANYWHERE}])(?<![{re.escape(NOT_LAST)}])(?![\s{re.escape(NOT_FIRST)}])"
    rf"|(?<=[{THAI}])(?<![{LEADING}])(?=[{THAI}])(?![{MARKS}])"
)
"""Between two letters of these scripts: there a text may be cut."""
