"""Mistakes as values."""

from kindlechat.site.mistakes import Mistake


def test_a_mistake_in_a_template_is_the_same_on_every_page():
    one, other = (Mistake("templates/page.html", 3, "no sentence", page) for page in ("a", "b"))
    assert one == other
    assert not one != other  # noqa: SIM202 (what is asked)
    assert len({one, other}) == 1
    assert one != one._replace(line=4)
