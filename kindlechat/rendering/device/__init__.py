"""Fits pages to a reader's device and settings."""
