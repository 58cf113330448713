"""The newsletter: a letter for each new post, to whoever has confirmed that they want it."""
