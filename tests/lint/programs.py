"""The linters that tests/tools.sh installs, run on what is to be looked at."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from harness.browsers.programs import installed
from harness.servers import ROOT

MODULES = ROOT / ".tools/node_modules"

TIMEOUT_S = 60


def run(command: list[object], folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """What a program says of a folder; node finds what is installed in MODULES."""
    assert MODULES.is_dir(), "needs linters: run tests/tools.sh"
    program, *arguments = map(str, command)
    return subprocess.run(
        [installed(program), *arguments],
        cwd=folder,
        env=os.environ | {"NODE_PATH": str(MODULES)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )


def assert_none(findings: Iterable[str]) -> None:
    """Fail with all that was found, one a line."""
    found = [*findings]
    assert not found, "\n".join(["", *found])
