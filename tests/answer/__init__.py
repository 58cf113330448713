"""Answers: from the model's Markdown to HTML."""
