"""The style of saved books, on paper as on screens (pure)."""

STYLE = """
body { font-family: Georgia, serif; line-height: 1.45 }
h1 { font-size: 1.4em; line-height: 1.25; margin: 1.5em 0 .7em; page-break-after: avoid }
h2 { font-size: 1.15em; line-height: 1.25; margin: 1.2em 0 .5em; page-break-after: avoid }
h2.minor { font-size: 1.05em }
p { margin: .5em 0 }
p.contents { font-weight: bold; font-size: 1.15em }
p.question, p.note { font-style: italic }
p.maths { margin: .7em 1.5em }
pre { font-family: monospace, monospace; font-size: .85em; line-height: 1.3; white-space: pre-wrap;
 word-wrap: break-word; border-left: 2px solid #000; padding-left: .7em; page-break-inside: avoid }
code, kbd { font-family: monospace, monospace; font-size: .9em }
pre code { font-size: 1em }
blockquote { margin: .5em 1.5em }
table { border-collapse: collapse; margin: .7em 0 }
tr { page-break-inside: avoid }
th, td { border: 1px solid #000; padding: .2em .5em; text-align: left; vertical-align: top }
[dir="rtl"] th, [dir="rtl"] td { text-align: right }
th.center, td.center { text-align: center }
th.right, td.right { text-align: right }
hr { border: 0; border-top: 1px solid #000; margin: 1em 0 }
"""
"""What devices do not understand they leave out. A typeface that is named twice is no smaller than others."""
