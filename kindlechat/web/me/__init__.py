"""A reader's own pages: keys to come back by, the shelf, mail, and how to be forgotten."""
