"""Conversations as files to keep and carry away: text, Markdown, web page, EPUB, Kindle."""
