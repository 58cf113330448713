"""Formulas in an answer: where they stand, what they say, and how that is set as text."""
