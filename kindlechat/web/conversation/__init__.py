"""Shows a conversation, whole or as it grows."""
