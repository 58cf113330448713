"""Benchmarks: ratios within one run, on this machine."""
