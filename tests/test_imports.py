"""Imports point one way: web → relay → (upstream, stores) → reply → errors."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path("kindlechat")
MODULES = sorted(PACKAGE.rglob("*.py"))

ALLOWED = {
    "errors": set(),
    "settings": {"errors"},
    "reply": {"errors"},
    "timings": set(),
    "sound_text": set(),
    "background": {"errors"},
    "conversation": {"errors", "reply"},
    "upstream": {"errors", "reply", "settings", "sound_text", "timings", "upstream"},
    "stores": {"background", "conversation", "errors", "reply", "settings", "stores", "timings"},
    "relay": {
        "background",
        "errors",
        "reply",
        "settings",
        "relay",
        "upstream",
        "stores",
        "timings",
    },
    "rendering": {"rendering"},
    "site": {"errors", "rendering", "site"},
    "logging": set(),
    "operator": {"errors", "settings", "stores", "operator"},
    "__main__": {"errors", "settings", "operator"},
    "web": {
        *("conversation", "errors", "logging", "reply", "settings", "sound_text", "timings"),
        *("stores", "relay", "rendering", "web"),
    },
}

SAYS_PURE = re.compile(r"\(pure\)|\bPure[:.]")
"""What the docstring of a module says that touches no edge."""

EDGES = {
    "requests",
    "urllib3",
    "flask",
    "time",
    "os",
    "socket",
    "gevent",
    "random",
    "redis",
    "sqlite3",
}


def imported(module):
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: write imports in full"
            yield node.module


def says_it_is_pure(module):
    return SAYS_PURE.search(ast.get_docstring(ast.parse(module.read_text())) or "")


def part_of(module):
    return module.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_arrows_point_one_way(module):
    part = part_of(module)
    ours = {name.split(".")[1] for name in imported(module) if name.startswith("kindlechat.")}
    if part != "__init__":
        assert ours <= ALLOWED[part]


PURE = [module for module in MODULES if says_it_is_pure(module)]


@pytest.mark.parametrize("module", PURE, ids=str)
def test_pure_modules_touch_no_edge(module):
    roots = {name.split(".")[0] for name in imported(module)}
    assert roots & EDGES == set()


def test_the_core_is_pure():
    core = ("errors", "reply", "relay/seam", "upstream/sse", "upstream/gemini", "conversation")
    assert {PACKAGE / f"{name}.py" for name in core} <= set(PURE)


def test_every_part_has_its_rule():
    assert {part_of(module) for module in MODULES} - {"__init__"} == set(ALLOWED)
