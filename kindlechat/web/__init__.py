"""The web edge: the API, the pages, and what protects them."""
