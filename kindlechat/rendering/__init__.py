"""Text to pages: the model's Markdown to safe HTML, and templates filled with values."""
