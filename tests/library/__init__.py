"""Tests of what readers do with their conversations: find, share, delete, branch."""
