"""Formulas in a text: what may open one, what ends it, and what only looks like one."""
