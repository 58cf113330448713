"""Readers without accounts: the keys by which they are found, and what they confirm a mailbox with."""
