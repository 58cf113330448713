"""The relay that most would write in Python: Flask, requests and `iter_lines`. It stores and limits nothing.

Gunicorn runs `app`; UPSTREAM is the upstream's base URL.
"""

import json
import os
from collections.abc import Iterator

import requests
from flask import Flask, Response, request

ADDRESS = f"{os.environ['UPSTREAM']}/v1beta/models/bench:streamGenerateContent?alt=sse"

app = Flask(__name__)


@app.get("/healthz")
def health() -> str:
    """Say that the server is up."""
    return "ok"


@app.post("/api/chat")
def chat() -> Response:
    """Relay the answer's text."""
    message = request.get_json()["message"]
    body = {"contents": [{"role": "user", "parts": [{"text": message}]}]}
    answer = requests.post(ADDRESS, json=body, headers={"x-goog-api-key": "bench"}, stream=True)
    return Response(texts(answer.iter_lines()), mimetype="text/plain")


def texts(lines: Iterator[bytes]) -> Iterator[str]:
    """The texts of the events."""
    for line in lines:
        if line.startswith(b"data:"):
            parts = json.loads(line[5:])["candidates"][0]["content"]["parts"]
            yield "".join(part["text"] for part in parts)
