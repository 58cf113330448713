"""The generator of the static site: sources in, finished files out, written only where they changed."""
