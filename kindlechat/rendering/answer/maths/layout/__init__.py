"""Formulas as characters: on one line, or in several."""
