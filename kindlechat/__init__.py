"""Kindlechat: AI chat on devices the web forgot."""
