"""Kindlechat's tests."""
