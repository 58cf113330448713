"""What a page loads and runs: old engines must parse it, and have what it calls."""

import json
import re
import shutil
from pathlib import Path

import pytest

from harness.servers import ROOT
from tests.lint.programs import MODULES, run
from tests.lint.reader import Elements

SCRIPT_BYTES = 6_600


REFUSED = {
    "var a = () => 1; a();": None,
    "var a = { get b() { return 1; } }; a.c();": None,
    "var a = [1, 2,]; a.pop();": "comma-dangle",
    "var a = {}; a.delete = 1;": None,
    "var a = { class: 1 }; a.b();": None,
    "alert('Ready');": "no-undef",
    "window.alert('Ready');": "no-restricted-properties",
    "window.requestAnimationFrame(window.a);": "no-restricted-properties",
    "document.body.classList.add('a');": "no-restricted-properties",
    "(function () {}).bind(null);": "no-restricted-properties",
    "[1].forEach(window.a);": "no-restricted-properties",
    "window.a = new Date();": "no-restricted-globals",
    "window.a = Promise;": "no-undef",
    "document.onmousemove = null;": "no-restricted-syntax",
    "var unused = 1;": "no-unused-vars",
}
"""Faults and the rules that find them; None is the parser."""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What ESLint finds in the scripts and in each of REFUSED: (file, line, rule, message).

    One run, as it takes long to start.
    """
    folder = tmp_path_factory.mktemp("scripts")
    for script in (ROOT / "site/assets").glob("*.js"):
        shutil.copy(script, folder)
    for number, code in enumerate(REFUSED):
        (folder / f"{number}.js").write_text(code)
    program = MODULES / "eslint/bin/eslint.js"
    config = ROOT / "tests/lint/eslint.config.cjs"
    ran = run(["node", program, "--config", config, "--format", "json", "."], folder)
    assert ran.returncode in (0, 1), ran.stderr
    return [
        (Path(result["filePath"]).name, found.get("line"), found["ruleId"], found["message"])
        for result in json.loads(ran.stdout)
        for found in result["messages"]
    ]


def test_scripts_use_nothing_that_e_readers_lack_or_break(found):
    assert [each for each in found if not each[0].removesuffix(".js").isdigit()] == []


def test_the_linter_refuses_what_it_should(found):
    wanted = {(f"{number}.js", rule) for number, rule in enumerate(REFUSED.values())}
    assert wanted - {(file, rule) for file, _, rule, _ in found} == set()


def test_scripts_are_small(site):
    scripts = {path.name: path.stat().st_size for path in (site / "assets").glob("*.js")}
    assert len(scripts) >= 2
    assert {name: size for name, size in scripts.items() if size >= SCRIPT_BYTES} == {}


def test_the_script_finds_its_words_in_the_page(site):
    """A word that the page lacks would be shown as nothing at all."""
    code = (ROOT / "site/assets/reader.js").read_text()
    wanted = set(re.findall(r'words\((\w+|document\.body), "(\w+)"', code))
    wanted -= {("html", "carried")}  # which a reader's settings put there
    assert len(wanted) >= 6
    elements = Elements((site / "index.html").read_text()).found
    attributes = {element.attrs.get("id") or element.tag: element.attrs for element in elements}
    for element, word in wanted:
        assert attributes[element.removeprefix("document.")].get(f"data-{word}") is not None, word
