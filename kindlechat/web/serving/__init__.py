"""How the application is served: gunicorn's worker, and what keeps one reader from holding up others."""
