"""The folders of a site's sources, by their names."""

CONTENT = "content"
IMAGES = "images"
TEMPLATES = "templates"
ASSETS = "assets"
STATIC = "static"
TRANSLATIONS = "translations"

ALL = (CONTENT, IMAGES, TEMPLATES, ASSETS, STATIC, TRANSLATIONS)
