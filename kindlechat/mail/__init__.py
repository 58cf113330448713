"""Mail: whom it may go to, what it looks like, and how it is handed over to a mail server."""
