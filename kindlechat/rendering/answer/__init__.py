"""Turns what a model wrote into the nodes of a page."""
