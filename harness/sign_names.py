"""Takes the names of signs from CLDR, the Unicode Consortium's data, as npm has it.

    npm pack cldr-annotations-full          # and unpack it
    python -m harness.sign_names FOLDER     # of the package

Writes a file for each language that has words for yes and no: a sign, a tab and its name a line.
"""

import json
import sys
from pathlib import Path

from kindlechat.rendering.device.emoji_names import FOLDER
from kindlechat.rendering.device.replacements import YES_AND_NO

VARIATION = "\ufe0f"


def names_in(language: str, package: Path) -> dict[str, str]:
    """What the language calls each sign."""
    file = package / "annotations" / language / "annotations.json"
    described = json.loads(file.read_text())["annotations"]["annotations"]
    return {
        sign.replace(VARIATION, ""): told["tts"][0]
        for sign, told in sorted(described.items())
        if "tts" in told and not sign.isascii()
    }


def main() -> None:
    """Write the files."""
    for language in YES_AND_NO:
        names = names_in(language, Path(sys.argv[1]))
        lines = "".join(f"{sign}\t{name}\n" for sign, name in names.items())
        (FOLDER / f"{language}.txt").write_text(lines)


if __name__ == "__main__":
    main()
