"""Servers, readers and upstreams that tests and benches share."""
