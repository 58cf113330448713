"""What a request brings: its fields, decoded and checked, and who sent it."""
