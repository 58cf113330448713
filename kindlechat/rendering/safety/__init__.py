"""Keeps the rendering of one answer from hurting others: slices of work, and a guard."""
