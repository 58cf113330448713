"""Real browsers, each driven as a reader would use it."""
