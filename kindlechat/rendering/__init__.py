"""Text to pages: the model's Markdown to safe HTML, and templates filled with values."""

from kindlechat.rendering.growing import Growing
from kindlechat.rendering.pages import Pages

__all__ = ["Growing", "Pages"]
