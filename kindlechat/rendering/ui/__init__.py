"""The pages' templates, words and assets."""
