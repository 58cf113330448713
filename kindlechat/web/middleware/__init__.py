"""WSGI wrappers around the application."""
