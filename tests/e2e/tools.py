"""Where the programs are that tests/tools.sh installs."""

import shutil

from tests.servers import ROOT

PHANTOMJS = ROOT / ".tools/phantomjs"


def installed(program: str) -> str:
    """The program's path; a test fails without it."""
    path = shutil.which(program)
    assert path, f"needs {program}: run tests/tools.sh"
    return path
