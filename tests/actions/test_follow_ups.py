"""The questions after an answer are taken out of it, however the model writes them and its text is cut."""

from kindlechat.upstream.follow_ups import MAX_CHARS, FollowUps, questions_in
from tests.cases import cases

ANSWER = "Sunlight scatters.\n\n- one\n- **two**\n\n```py\nx < 1\n```"
QUESTIONS = ("Why blue?", "And red?", "Green?")
LINES = 'Why blue?\n- **And** red?\n3. "Green?"\n'
BLOCK = f"<follow-ups>\n{LINES}</follow-ups>"

AS_MODELS_WRITE_IT = {
    "as asked": (ANSWER, f"\n\n{BLOCK}"),
    "with blanks after it": (ANSWER, f"\n\n{BLOCK}\n\n "),
    "directly after a fence": (ANSWER, f"\n{BLOCK}"),
    "after the last word": ("Text.", f" {BLOCK}"),
    "after bold": ("Some **bold**", f"\n\n{BLOCK}"),
    "in a fence": (ANSWER, f"\n\n```xml\n{BLOCK}\n```\n"),
    "in bold": ("Text.", f"\n\n**<follow-ups>**\n{LINES}**</follow-ups>**\n"),
    "as code": ("Text.", f"\n\n`<follow-ups>`\n{LINES}`</follow-ups>`"),
    "in a heading": ("Text.", f"\n\n### {BLOCK}"),
    "in a list": ("Text.", f"\n\n- {BLOCK}"),
    "with escaped brackets": (ANSWER, "\n\n" + BLOCK.replace("<", r"\<").replace(">", r"\>")),
    "with entities": (ANSWER, "\n\n" + BLOCK.replace("<", "&lt;").replace(">", "&gt;")),
    "in other letters": (ANSWER, "\n\n" + BLOCK.replace("follow-ups", "Follow_Ups")),
    "not closed": ("Text.", f"\n\n<follow-ups>\n{LINES}"),
}


def part(pieces, *, cut=False):
    """The answer in these pieces of a model's text, and the questions after it."""
    follow_ups = FollowUps()
    answer = "".join(map(follow_ups.feed, pieces)) + follow_ups.close(cut=cut)
    return answer, follow_ups.questions


def in_pieces(text):
    """The text as a whole, in letters, and in two pieces with the cut at every place."""
    yield [text]
    yield list(text)
    yield from ([text[:at], text[at:]] for at in range(1, len(text)))


@cases(("answer", "block"), AS_MODELS_WRITE_IT.values(), AS_MODELS_WRITE_IT)
def test_no_part_of_the_block_shows_wherever_the_text_is_split(answer, block):
    for pieces in in_pieces(answer + block):
        shown, questions = part(pieces)
        assert (shown.rstrip(), questions) == (answer, QUESTIONS), pieces


@cases(("answer", "block"), AS_MODELS_WRITE_IT.values(), AS_MODELS_WRITE_IT)
def test_no_part_of_the_block_shows_wherever_the_text_ends(answer, block):
    for end in range(len(answer), len(answer + block)):
        text = (answer + block)[:end]
        for pieces in ([text], list(text)):
            shown, _ = part(pieces, cut=True)
            assert shown.startswith(answer.removesuffix("\n```"))
            assert shown[len(answer) :].strip() == "", pieces


@cases(
    "text",
    ["The sign is <", "a & b", "a &", "**bold**", "x\n\n- ", "```\na\n```", "The tag <fo", "a\\"],
)
def test_what_only_begins_like_the_block_is_answer(text):
    for pieces in in_pieces(text):
        assert part(pieces) == (text, ())


def test_an_answer_that_goes_on_after_the_block_loses_nothing():
    after = "More **text** here.\n"
    for pieces in in_pieces(f"Text.\n\n{BLOCK}\n\n{after}"):
        shown, questions = part(pieces)
        assert (shown.split("\n\n", 1)[1].strip(), questions) == (after.strip(), QUESTIONS)


def test_a_block_that_is_too_long_for_one_is_answer_from_there_on():
    lines = "\n".join(f"Line {number} of the answer." for number in range(1, 31))
    shown, questions = part([f"Text.\n<follow-ups>\n{lines}\n"])
    assert "Line 30" in shown
    assert len(questions) == 3


@cases(
    ("block", "questions"),
    [
        ("1) Why?\n2) How?", ("Why?", "How?")),
        ("• Why?\n\n* How?\n", ("Why?", "How?")),
        ("«Почему?»\n„Wie?“", ("Почему?", "Wie?")),
        ("<li>Why?</li>\n<q>How?</q>", ("Why?", "How?")),
        ("Why?\nWhy?\nHow?\nWho?\nWhen?", ("Why?", "How?", "Who?")),
        ("`x` or __y__?", ("x or y?",)),
        ("---\n...\n", ()),
        ("x" * (MAX_CHARS + 1), ()),
    ],
)
def test_questions_are_plain_lines(block, questions):
    assert questions_in(block) == questions
