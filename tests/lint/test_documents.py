"""The links of the documents lead somewhere: to files that there are, and to headings in them."""

import re
from pathlib import Path

from tests.cases import cases

DOCUMENTS = [*Path().glob("*.md"), *Path("bench").glob("*.md"), *sorted(Path("docs").rglob("*.md"))]
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|/)([^)\s#]*)(?:#([^)\s]*))?\)")


def anchors(document: Path) -> set[str]:
    """The names of its headings, as the hosts of repositories make them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", document.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cases("document", DOCUMENTS, ids=map(str, DOCUMENTS))
def test_every_link_of_a_document_leads_somewhere(document):
    for path, anchor in LINK.findall(FENCE.sub("", document.read_text())):
        target = document.parent / path if path else document
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"
