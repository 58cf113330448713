"""Pairs a reader's device with a phone: the codes that are typed, the QR codes, the pictures that come."""
