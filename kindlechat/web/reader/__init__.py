"""The reader of the current request: an identity without an account, and how pages look for this one."""
