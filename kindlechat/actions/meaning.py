"""What the model is asked about one word of a text, and how that is told from other questions (pure)."""

import re

PROMPT = (
    "What does the word in double square brackets mean in the sentence below? Answer in {language}, in plain"
    " text and at most 40 words: first what it means there, then, in parentheses, its base form and part of"
    " speech. Where the brackets hold only a part of a word, begin with the whole word."
)

OPEN, CLOSE = "[[", "]]"

ASKED = re.compile(re.escape(PROMPT.partition("{")[0]) + r".*?\n\n(?P<sentence>.*)\Z", re.DOTALL)
MARKED = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)


def ask_meaning(before: str, word: str, after: str, language: str) -> str:
    """The prompt for a word of a sentence; `language` is the reader's, by its English name."""
    return f"{PROMPT.format(language=language)}\n\n{before}{OPEN}{word}{CLOSE}{after}"


def word_asked_for(message: str) -> str | None:
    """The word whose meaning a message to the model asks for, if it asks for one."""
    asked = ASKED.match(message)
    word = MARKED.search(asked["sentence"]) if asked else None
    return word[1] if word else None
