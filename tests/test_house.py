"""The layout of the code holds: which way imports point, what is pure, how long things are, names.

HOUSE is the table of rooms. A new room or a new arrow is a decision: change the table, and say why in
docs/architecture.md.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from tests.cases import cases

PACKAGE = Path("kindlechat")
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted(Path("tests").rglob("*.py"))
SOURCES = [*MODULES, *Path().glob("*.py"), *sorted(Path("bench").rglob("*.py"))]
SOURCES += sorted(Path("harness").rglob("*.py"))
SOURCES += [module for module in TESTS if not module.name.startswith("test_")]
LUA = sorted(PACKAGE.rglob("*.lua"))

HOUSE = {
    # Values and rules that everybody may know.
    "errors": "",
    "timings": "",
    "sound_text": "",
    "logging": "",
    "mail.addresses": "",
    "mail.server": "",
    "rate_limit": "",
    "setting_values": "errors mail.addresses mail.server rate_limit",
    "site_settings": "mail.server setting_values",
    "settings": "errors mail.server rate_limit setting_values site_settings",
    "picture": "",
    "reply": "errors",
    "conversation": "errors reply sound_text",
    "background": "errors",
    "own_stack": "",
    "patching": "",
    # Answers: from the model, kept, followed.
    # Buttons that ask: pure values, and the operator's file of them.
    "actions": "errors",
    "upstream": "actions errors reply setting_values settings sound_text timings",
    "stores": "background conversation errors picture rate_limit reply settings timings",
    "relay": "background errors logging reply settings stores timings upstream",
    # Pages: what an answer looks like, how a device shows it, the words and templates around it.
    "rendering.safety": "",
    "rendering.answer": "rendering.safety",
    "rendering.device": "rendering.answer rendering.safety",
    "rendering.ui": "",
    # A post shows its code as an answer does.
    "site": "errors rendering.answer rendering.ui setting_values site_settings",
    # Files to carry away.
    "export": "conversation rendering",
    # Readers without accounts.
    "readers": "stores.contract",
    # A phone beside the reader: what it types and what it photographs.
    "pairing": "errors reply stores.contract",
    "pictures": "errors picture timings",
    # Mail to readers, and to the mail server.
    "mail": "errors mail.addresses mail.server",
    # The edges.
    "operator": (
        "errors mail rendering.ui.assets reply setting_values settings stores timings upstream.google_errors"
        " upstream.quoting"
    ),
    # Letters to readers.
    "newsletter": "errors mail rendering.ui settings site stores timings",
    "__main__": "errors newsletter operator settings site.mistakes stores timings",
    "web": (
        "actions conversation errors export logging mail newsletter own_stack pairing patching"
        " picture pictures rate_limit readers relay rendering reply settings site_settings sound_text stores"
        " timings"
    ),
}
"""What each room may import, beside itself."""

EDGES = {
    *("flask", "gevent", "os", "random", "redis", "requests", "secrets", "smtplib", "socket"),
    *("sqlite3", "ssl", "subprocess", "time", "urllib3", "werkzeug"),
}
"""Libraries that touch sockets, files, clocks, chance, the environment or greenlets."""

CORE = (
    *("conversation", "errors", "reply", "relay.seam", "upstream.gemini", "upstream.sse"),
    *("rendering.answer.markdown", "rendering.answer.tree"),
)
"""Modules that stay pure, whatever their docstrings say."""

PURE_ROOMS = {"rendering.answer", "stores.contract"}
"""Rooms all of whose modules are pure."""

VAGUE = {"base", "common", "core", "helpers", "misc", "tools", "util", "utils"}
"""Names that say nothing about what a module is for."""

MODULE_LINES = 400
ENGINE_LINES = 300
"""An engine of the store is divided as its contract is."""

ENGINES = ("stores/sqlite/", "stores/redis/")
FUNCTION_LINES = 60

LONG: dict[str, str] = {}
"""Modules that may be longer, with the reason."""


@cache
def parsed(module: Path) -> ast.Module:
    return ast.parse(module.read_text())


@cache
def nodes_of(module: Path) -> tuple[ast.AST, ...]:
    """The imports, classes and functions of a module, at any depth."""
    kinds = ast.Import | ast.ImportFrom | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return tuple(node for node in ast.walk(parsed(module)) if isinstance(node, kinds))


def name_of(module: Path) -> str:
    """`relay.log` for kindlechat/relay/log.py."""
    return ".".join(module.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


NAMES = {name_of(module): module for module in MODULES}


def imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """What import statements load; `from package import module` is that module."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            assert node.module
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full.removeprefix("kindlechat.") in NAMES else node.module


def ours(module: Path, nodes: Iterable[ast.AST]) -> set[str]:
    """The modules of this package that another of its modules imports."""
    names = {name for name in imported(nodes) if name.startswith("kindlechat.")}
    return {name.removeprefix("kindlechat.") for name in names} - {name_of(module)}


def room_of(name: str) -> str:
    """The room of a module, by the longest entry of HOUSE that its name begins with."""
    rooms = [room for room in HOUSE if name == room or name.startswith(f"{room}.")]
    return max(rooms, key=len, default="")


def is_within(name: str, places: set[str]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


def test_every_module_is_in_a_room() -> None:
    packages = {"__init__", "rendering"}
    assert {name for name in NAMES if not room_of(name)} - packages == {"kindlechat"} & set(NAMES)


@cases("module", MODULES, ids=str)
def test_arrows_point_one_way(module: Path) -> None:
    room = room_of(name_of(module))
    allowed = {room, *HOUSE.get(room, "").split()}
    found = ours(module, nodes_of(module))
    assert {name for name in found if not is_within(name, allowed)} == set()


def test_the_table_has_no_circle() -> None:
    rooms = {room: {room_of(name) or name for name in HOUSE[room].split()} for room in HOUSE}
    assert [*TopologicalSorter(rooms).static_order()]


def test_no_modules_import_each_other() -> None:
    graph = {name: ours(module, parsed(module).body) for name, module in NAMES.items()}
    assert [*TopologicalSorter(graph).static_order()]


def test_only_the_entry_knows_the_web_layer() -> None:
    assert [room for room, known in HOUSE.items() if "web" in known.split()] == []
    assert "upstream" not in HOUSE["web"].split()


def test_the_package_knows_no_test_and_no_bench() -> None:
    for module in MODULES:
        roots = {name.split(".")[0] for name in imported(nodes_of(module))}
        assert roots & {"bench", "harness", "tests", "app", "build_site"} == set(), module


def is_pure(module: Path) -> bool:
    docstring = ast.get_docstring(parsed(module)) or ""
    is_core = name_of(module) in CORE or is_within(name_of(module), PURE_ROOMS)
    return is_core or bool(re.search(r"\(pure\)|\bPure[:.]", docstring))


def test_the_core_is_there() -> None:
    assert set(CORE) <= NAMES.keys()


@cases("module", MODULES, ids=str)
def test_a_pure_module_touches_no_edge(module: Path) -> None:
    roots = {name.split(".")[0] for name in imported(nodes_of(module))}
    assert not is_pure(module) or roots & EDGES == set()


def most_lines(module: Path) -> int:
    return ENGINE_LINES if any(engine in str(module) for engine in ENGINES) else MODULE_LINES


def test_no_module_is_long() -> None:
    assert LUA
    modules = [*SOURCES, *LUA]
    lines = {module: len(module.read_text().splitlines()) for module in modules}
    long = {str(module) for module, count in lines.items() if count > most_lines(module)}
    assert long == set(LONG)


def test_no_function_is_long() -> None:
    long = {
        f"{module}: {node.name}"
        for module in SOURCES
        for node in nodes_of(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES
    }
    assert long == set()


def names_in(module: Path) -> Iterator[str]:
    """The names of a module: its classes, its functions and what it calls its types."""
    for node in parsed(module).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def test_no_name_is_in_two_rooms() -> None:
    """One word, one meaning. Packages of one room fill in one contract, so these may share names; constants
    speak of their own module."""
    rooms = defaultdict(set)
    for name, module in NAMES.items():
        for found in names_in(module):
            if not found.startswith("_") and not found.isupper() and found != "logger":
                rooms[found].add(room_of(name))
    assert {name for name, places in rooms.items() if len(places) > 1} == set()


SPLAT = re.compile(r"[\w\])]\((?:[^()]*,)?\s*\*[(\[]")
"""What may be one in a call; most modules have none, and need not be parsed."""


def splats_in(module: Path) -> Iterator[int]:
    """The lines of a module with a call such as `f(*(a, b))`."""
    for node in ast.walk(parsed(module)) if SPLAT.search(module.read_text()) else ():
        for given in node.args if isinstance(node, ast.Call) else ():
            if isinstance(given, ast.Starred) and isinstance(given.value, ast.Tuple | ast.List):
                yield given.lineno


def test_arguments_are_not_splatted_from_literals() -> None:
    """`f(*(a, b))` hides what a and b are for: keywords say it."""
    modules = {*SOURCES, *TESTS}
    assert {module: found for module in modules if (found := [*splats_in(module)])} == {}


REWRITES = re.compile(
    r"__(?:kw)?defaults__ = |setattr\([^)]*_M?S\b|^\w+(?:\.\w+)*\.\w+_M?S = ", re.M
)
"""What puts another default or another time into a module."""


def test_no_test_rewrites_a_default_or_a_time() -> None:
    """`Timings` and arguments are there for that."""
    assert [module for module in TESTS if REWRITES.search(module.read_text())] == []


def test_every_module_is_named_for_what_it_is() -> None:
    assert [module for module in SOURCES if module.stem.strip("_") in VAGUE] == []
