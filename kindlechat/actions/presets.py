"""Reads the operator's own actions from a TOML file, and says in which line something is wrong.

[[preset]]
name = { en = "For a child", de = "Für ein Kind" }
prompt = "Say your last answer again for a child of ten."
at = ["answer"]        # or "box", or both
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from kindlechat.actions.action import Action, ActionPlace
from kindlechat.errors import SettingsError

MAX_PRESETS = 6
"""In one place: more are no longer found at a glance."""

MAX_NAME_CHARS, MAX_PROMPT_CHARS = 40, 2000

KEYS = ("name", "prompt", "at")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
HEADER = re.compile(r"\s*\[\[\s*preset\s*\]\]")


def read_presets(path: Path) -> tuple[Action, ...]:
    """The actions in a file. Raises SettingsError with one line: the file, the line, what was expected."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no UTF-8"
        raise SettingsError(
            f"KINDLECHAT_PRESETS: expected a file of presets that can be read, got {path.name} ({why})"
        ) from None
    return parse_presets(text, path.name)


def parse_presets(text: str, file: str) -> tuple[Action, ...]:
    """The actions in a file's text; `file` is its name. Raises SettingsError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: expected TOML, got a mistake: {error}") from None
    presets = data.pop("preset", [])
    if data:
        line = _line_of(text.splitlines(), re.compile(rf"\s*\[*\s*{re.escape(next(iter(data)))}\b"))
        raise SettingsError(f"{file}, line {line}: expected [[preset]], got {next(iter(data))}")
    if not isinstance(presets, list) or not all(isinstance(each, dict) for each in presets):
        raise SettingsError(
            f"{file}, line 1: expected [[preset]] before each preset, got something else"
        )
    actions = tuple(
        _Preset(text, file, number, preset).action() for number, preset in enumerate(presets)
    )
    for place in ActionPlace:
        if sum(place in action.places for action in actions) > MAX_PRESETS:
            raise SettingsError(
                f"{file}: expected at most {MAX_PRESETS} presets at {place.value}, got more"
            )
    return actions


class _Preset:
    """One preset of a file, with the lines that it stands in."""

    def __init__(self, text: str, file: str, number: int, values: Mapping[str, Any]) -> None:
        self._file, self._number, self._values = file, number, values
        lines = text.splitlines()
        headers = [n for n, line in enumerate(lines) if HEADER.match(line)]
        self._first = headers[number] if number < len(headers) else 0
        end = headers[number + 1] if number + 1 < len(headers) else len(lines)
        self._lines = lines[self._first : end]

    def action(self) -> Action:
        """The preset as an action. Raises SettingsError."""
        for key in self._values:
            if key not in KEYS:
                self._refuse(key, f"one of {', '.join(KEYS)}", repr(key))
        return Action(f"preset-{self._number + 1}", self._places(), self._prompt(), self._names())

    def _names(self) -> Mapping[str, str]:
        names = self._values.get("name")
        if isinstance(names, str):
            names = {"en": names}
        if not isinstance(names, dict) or not names:
            self._refuse("name", 'the button\'s words by language, such as { en = "For a child" }')
        for code, name in names.items():
            if not LANGUAGE.fullmatch(code):
                self._refuse("name", "the code of a language, such as en", repr(code))
            if not isinstance(name, str) or not 0 < len(name.strip()) <= MAX_NAME_CHARS:
                self._refuse("name", f"a name of 1 to {MAX_NAME_CHARS} characters for {code}")
        return {code: name.strip() for code, name in names.items()}

    def _prompt(self) -> str:
        prompt = self._values.get("prompt")
        if not isinstance(prompt, str) or not 0 < len(prompt.strip()) <= MAX_PROMPT_CHARS:
            self._refuse("prompt", f"what the model is told, 1 to {MAX_PROMPT_CHARS} characters")
        return prompt.strip()

    def _places(self) -> frozenset[ActionPlace]:
        at = self._values.get("at", [ActionPlace.ANSWER.value])
        places = [at] if isinstance(at, str) else at
        known = {place.value for place in ActionPlace}
        if not isinstance(places, list) or not places or not known.issuperset(map(str, places)):
            self._refuse("at", '"answer", "box" or both, as ["answer", "box"]', repr(at))
        return frozenset(map(ActionPlace, places))

    def _refuse(self, key: str, expected: str, got: str = "") -> NoReturn:
        line = self._first + _line_of(self._lines, re.compile(rf"\s*{re.escape(key)}\b"))
        came = got or ("nothing" if key not in self._values else repr(self._values[key])[:60])
        raise SettingsError(f"{self._file}, line {line}: {key}: expected {expected}, got {came}")


def _line_of(lines: list[str], pattern: re.Pattern[str]) -> int:
    """The number of the first line that begins so, or of the first line; the first has the number 1."""
    return next((n for n, line in enumerate(lines, 1) if pattern.match(line)), 1)
