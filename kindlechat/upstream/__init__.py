"""Gemini's streaming protocol: a pure decoder, a pure protocol, a client and a demonstration server."""
