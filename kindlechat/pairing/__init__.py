"""Pairs a reader with a phone: codes to type, QR codes, and what either side is known by."""
