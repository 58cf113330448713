"""The rules of a parser that are ever asked."""

from collections.abc import Collection
from typing import TypeVar

from markdown_it.ruler import Ruler

Rule = TypeVar("Rule")


def asked_rules(ruler: Ruler[Rule], never_asked: Collection[str]) -> dict[str, Rule]:
    """The active rules by their names, in their order, without those that are never asked."""
    rules = zip(ruler.get_active_rules(), ruler.getRules(""), strict=True)
    return {name: rule for name, rule in rules if name not in never_asked}
