"""The static site: sources in, a folder of finished files out, written only where they changed."""
