"""Text to pages: the model's Markdown to safe HTML, and templates filled with values."""

from kindlechat.rendering.markdown import render_markdown
from kindlechat.rendering.pages import Pages

__all__ = ["Pages", "render_markdown"]
