"""The upstream: the model's API, spoken over HTTP, or a demonstration of it."""
