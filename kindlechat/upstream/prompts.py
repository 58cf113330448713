"""What the model is told besides the conversation: how to answer, and how to continue (pure)."""

from kindlechat.reply import Depth, Message

DEFAULT_LANGUAGE = "English"

SYSTEM_INSTRUCTION = (
    "You answer people who read on small grey screens: e-readers, text browsers, old phones. "
    "Answer in {language}, or in the language of the question if that is another one. Come to the "
    "point in the first sentence; {length} Write plain prose in "
    "short paragraphs, with simple Markdown where it helps: lists, bold, short code blocks, small "
    "tables of at most three columns. No emoji, no images, no HTML, no LaTeX: write formulas in "
    "plain characters. The screen cannot scroll sideways, so keep code lines under 60 characters."
)

FOLLOW_UPS_INSTRUCTION = (
    " After the answer write <follow-ups> on a line of its own, then up to three short questions that the"
    " reader may want to ask next, in the reader's words and in the language of the answer, each on a line"
    " of its own and under 60 characters, then </follow-ups> on a line of its own. Write nothing after it."
)
"""Asks for what `follow_ups.py` takes out of the answer."""

LENGTHS = {
    None: "keep answers short unless asked for more.",
    Depth.QUICK: "keep answers under 150 words unless asked for more.",
    Depth.THOROUGH: "then explain it thoroughly, with reasons and examples, in up to 1000 words.",
}
"""How long an answer shall be; None is for clients that do not say."""

CONTINUE_INSTRUCTION = (
    "Your last answer broke off in the middle. Go on from exactly where it ends: begin with the very "
    "next characters, in the middle of a word or a sentence if need be. Repeat nothing of what is "
    "there, and do not mention the break."
)

CONTINUED_CHARS = 20_000
"""So much of a text's end is sent along to be continued: every character is paid for again."""

LEFT_OUT = "[…] "
"""Tells the model that its text began earlier."""


def system_instruction(
    language: str, depth: Depth | None = None, *, follow_ups: bool = False
) -> str:
    """How the model shall answer, in a language given by its English name; with `follow_ups` it proposes
    questions after its answer."""
    instruction = SYSTEM_INSTRUCTION.format(language=language, length=LENGTHS[depth])
    return instruction + FOLLOW_UPS_INSTRUCTION if follow_ups else instruction


def ask_to_continue(asked: Message, text: str) -> list[Message]:
    """The messages that have the model continue its answer `text`, or begin it where there is none."""
    if not text:
        return [asked]
    tail = text if len(text) <= CONTINUED_CHARS else LEFT_OUT + text[-CONTINUED_CHARS:]
    return [asked, Message("model", tail), Message("user", CONTINUE_INSTRUCTION)]
