"""Books as MOBI 6, which the browser of a Kindle can download.

The format is described in the MobileRead wiki (pages MOBI, PDB and PalmDOC).
"""
