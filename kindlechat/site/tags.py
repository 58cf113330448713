"""The tags of a text that are always the same, by the names of the parser's events. Pure."""

ALONE = {"SoftBreak": "\n", "HardBreak": "<br>\n", "Rule": "<hr>\n"}
"""What stands for an event that holds nothing."""

STARTS = {
    "Paragraph": "<p>",
    "Item": "<li>",
    "Emphasis": "<em>",
    "Strong": "<strong>",
    "Strikethrough": "<del>",
    "TableHead": "<thead>\n<tr>",
    "TableRow": "<tr>",
    "HtmlBlock": "",
}
ENDS = {
    "Paragraph": "</p>\n",
    "Item": "</li>\n",
    "Emphasis": "</em>",
    "Strong": "</strong>",
    "Strikethrough": "</del>",
    "TableHead": "</tr>\n</thead>\n<tbody>\n",
    "TableRow": "</tr>\n",
    "Table": "</tbody>\n</table>\n",
    "Link": "</a>",
    "HtmlBlock": "",
}
INLINE_ENDS = {ENDS[name] for name in ("Emphasis", "Strong", "Strikethrough", "Link")}

LIST_ENDS = {True: "</ol>\n", False: "</ul>\n"}
"""The end of a list that has numbers, and of one that has none."""

ROWS = ("TableHead", "TableRow")

ALIGNED = {"None": ""} | {side: f' align="{side.lower()}"' for side in ("Left", "Center", "Right")}
"""The attributes of a column's alignment. Without one a column begins where the language's lines do."""
