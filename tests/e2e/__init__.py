"""Real engines ask in a page and read the whole answer."""
