"""Texts that would run a script, were any part of them taken for HTML or for an address as it stands.

Each would set `window.ran`; `VECTORS` are all of them, about 60 in each of the places of a text.
"""

import base64

CODE = "window.ran=1"
ENCODED = base64.b64encode(f"<script>{CODE}</script>".encode()).decode()

ADDRESSES = (
    f"javascript:{CODE}",
    f"JaVaScRiPt:{CODE}",
    f"java\tscript:{CODE}",
    f"\x01javascript:{CODE}",
    f"java&#10;script:{CODE}",
    f"&#106;avascript:{CODE}",
    f"&#x6A;avascript&colon;{CODE}",
    f"javascript&#58;{CODE}",
    f"%6Aavascript:{CODE}",
    f"javascript://a.example/%0A{CODE}",
    f"vbscript:{CODE}",
    f"data:text/html,<script>{CODE}</script>",
    f"data:text/html;base64,{ENCODED}",
    f"view-source:javascript:{CODE}",
    f"//a.example/&quot;onmouseover={CODE}",
    f'http://a.example/"onmouseover="{CODE}',
    f"http://a.example/'onmouseover='{CODE}",
    f"http://javascript:{CODE}@a.example/",
)

TAGS = (
    f"<script>{CODE}</script>",
    f"<SCRIPT SRC=data:text/javascript,{CODE}></SCRIPT>",
    f"<scr<script>ipt>{CODE}</scr</script>ipt>",
    f"<img src=x onerror={CODE}>",
    f'<img src="x" onerror="{CODE}"',
    f"<img/src=x/onerror={CODE}>",
    f"<svg onload={CODE}>",
    f"<svg><script>{CODE}</script></svg>",
    f"<svg><animate onbegin={CODE} attributeName=x dur=1s>",
    f"<body onload={CODE}>",
    f"<iframe srcdoc='<script>parent.{CODE}</script>'></iframe>",
    f"<iframe src=javascript:parent.{CODE}></iframe>",
    f"<object data=javascript:{CODE}></object>",
    f"<embed src=javascript:{CODE}>",
    f"<details open ontoggle={CODE}>",
    f"<input autofocus onfocus={CODE}>",
    f"<video><source onerror={CODE}></video>",
    f"<b onmouseover={CODE}>a</b>",
    f"<sup\nonclick={CODE}>a</sup>",
    f"<form action=javascript:{CODE}><input type=submit></form>",
    f"<meta http-equiv=refresh content='0;url=javascript:{CODE}'>",
    f"<base href=javascript:{CODE}//>",
    f"<link rel=stylesheet href=data:text/css,*{{}} onload={CODE}>",
    f"<style onload={CODE}></style>",
    f"<math><mi xlink:href=javascript:{CODE}>a</mi></math>",
    f"<noscript><p title='</noscript><img src=x onerror={CODE}>'>",
    f"<svg></p><style><a id='</style><img src=x onerror={CODE}>'>",
    f"<template><script>{CODE}</script></template>",
    f"<!--><script>{CODE}</script-->",
    f"<![CDATA[><script>{CODE}</script>]]>",
    f"</p></div></body><script>{CODE}</script>",
    f"</textarea></title><script>{CODE}</script>",
    f'"><script>{CODE}</script>',
    f"' onerror='{CODE}",
    f"&lt;script&gt;{CODE}&lt;/script&gt;",
    f"\\<script>{CODE}</script>",
    f"<script\0>{CODE}</script>",
    f"\ufdd0<script>{CODE}</script>",
)

MARKS = (
    *(form.format(address) for address in ADDRESSES for form in ("[a]({})", "<{}>")),
    *(f"![a]({address})" for address in ADDRESSES[:6]),
    *(f"[a][{n}]\n\n[{n}]: {address}" for n, address in enumerate(ADDRESSES[:6])),
    f'[a](http://a.example/ "onmouseover={CODE}")',
    f'[<img src=x onerror={CODE}>](http://a.example/"><script>{CODE}</script>)',
    f'[^"onmouseover={CODE}]: a',
    f"`` <script>{CODE}</script> ``",
    f'```"><script>{CODE}</script>\na\n```',
    f"```html\n<script>{CODE}</script>\n```",
    f"$\\href{{javascript:{CODE}}}{{x}} <script>{CODE}</script>$",
    f"$$\\text{{<img src=x onerror={CODE}>}}\\frac{{a}}{{b}}$$",
    f"|<script>{CODE}</script>|b|\n|-|-|\n|<img src=x onerror={CODE}>|d|",
    f"<details>\n<summary><script>{CODE}</script></summary>\n<img src=x onerror={CODE}>\n</details>",
)

PLACES = {
    "a paragraph": "{}",
    "a word": "a{}b",
    "an item": "- {}",
    "a quote": "> {}",
    "a heading": "# {}",
    "strong text": "**{}**",
    "a link": "[{}](http://a.example/)",
    "a cell": "|a|b|\n|-|-|\n|{}|c|",
}

VECTORS = tuple(
    place.format(vector)
    for place in PLACES.values()
    for vector in (*TAGS, *ADDRESSES)
) + MARKS  # fmt: skip
"""All of them, hundreds."""
