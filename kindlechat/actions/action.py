"""Actions: what each button asks the model, and how a page tells it (pure)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ActionPlace(StrEnum):
    """Where an action is offered: under an answer, or beside Ask for the text in the box."""

    ANSWER = "answer"
    BOX = "box"


@dataclass(frozen=True)
class Action:
    """One button. `prompt` is what the model is told; {language} in it stands for the English name of one.

    `names` has the button's words by language code. A built-in action has none: the catalogs name it.
    """

    name: str
    places: frozenset[ActionPlace]
    prompt: str
    names: Mapping[str, str] = field(default_factory=dict)

    def label(self, say: Callable[[str], str], language: str) -> str:
        """The button's words in a language, given by its code; `say` has the catalog's sentences."""
        if not self.names:
            return say(f"action.{self.name}")
        return self.names.get(language) or next(iter(self.names.values()))

    def asked_of(self, text: str, language: str) -> str:
        """The prompt for a text in the box, with the reader's language by its English name."""
        return f"{self._instruction(language)}\n\n{text}"

    def asked_about(self, question: str, language: str, *, newest: bool) -> str:
        """The prompt about an answer: to the last question, or to an earlier one that has to be named."""
        instruction = self._instruction(language)
        return instruction if newest else f"{instruction}\n\n{EARLIER.format(question=question)}"

    def _instruction(self, language: str) -> str:
        return self.prompt.replace("{language}", language)


EARLIER = "By your last answer I mean the one to this question of mine: {question}"

_ANSWER, _BOX = frozenset({ActionPlace.ANSWER}), frozenset({ActionPlace.BOX})

BUILT_IN = (
    Action(
        "shorter",
        _ANSWER,
        "Say your last answer again in at most half as many words. Keep what matters most, and the"
        " language of that answer.",
    ),
    Action(
        "simpler",
        _ANSWER,
        "Say your last answer again in simpler words and shorter sentences, for somebody who knows nothing"
        " of the subject. Explain every technical term. Keep the language of that answer.",
    ),
    Action(
        "more",
        _ANSWER,
        "Tell me more about what your last answer is about: add what it left out, and repeat nothing of"
        " it. Keep the language of that answer.",
    ),
    Action(
        "example",
        _ANSWER,
        "Give one concrete example of what your last answer says, worked out step by step if that helps."
        " Keep the language of that answer.",
    ),
    Action(
        "translate",
        _ANSWER,
        "Translate your last answer into {language}. Keep how it is divided, and add nothing.",
    ),
    Action(
        "define",
        _BOX,
        "Define the word or phrase below as a good dictionary does: what it means, with an example, and"
        " first the meaning that is used most. Answer in {language}.",
    ),
    Action(
        "translate",
        _BOX,
        "Translate the text below into {language}. If it is in {language} already, translate it into"
        " English. Give the translation alone.",
    ),
    Action(
        "explain",
        _BOX,
        "Explain the text below in plain words: what it says, and what one has to know to understand it."
        " Answer in {language}.",
    ),
    Action(
        "summarise",
        _BOX,
        "Summarise the text below in a few sentences, what matters most first. Keep its language.",
    ),
)


class Actions:
    """All actions of a site: the built-in ones and the operator's."""

    def __init__(self, presets: Iterable[Action] = ()) -> None:
        self._all = (*BUILT_IN, *presets)

    def at(self, place: ActionPlace) -> tuple[Action, ...]:
        """Those that a place offers, in order."""
        return tuple(action for action in self._all if place in action.places)

    def named(self, name: str, place: ActionPlace) -> Action | None:
        """The action of this name that a place offers."""
        return next((action for action in self.at(place) if action.name == name), None)


def built_in_by_prompt(message: str) -> Action | None:
    """The built-in action that a message to the model asks for, if it asks for one."""
    return next((a for a in BUILT_IN if message.startswith(a.prompt.partition("{")[0])), None)
