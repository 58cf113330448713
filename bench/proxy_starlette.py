"""The same relay with asyncio: Starlette and httpx. It stores and limits nothing.

uvicorn runs `app`; UPSTREAM is the upstream's base URL.
"""

import json
import os
from collections.abc import AsyncIterator

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

ADDRESS = f"{os.environ['UPSTREAM']}/v1beta/models/bench:streamGenerateContent?alt=sse"
UNLIMITED = httpx.Limits(max_connections=None)

client = httpx.AsyncClient(timeout=None, limits=UNLIMITED)


async def health(_: Request) -> PlainTextResponse:
    """Say that the server is up."""
    return PlainTextResponse("ok")


async def chat(request: Request) -> StreamingResponse:
    """Relay the answer's text."""
    message = (await request.json())["message"]
    return StreamingResponse(texts(message), media_type="text/plain")


async def texts(message: str) -> AsyncIterator[str]:
    """The texts of the events."""
    body = {"contents": [{"role": "user", "parts": [{"text": message}]}]}
    headers = {"x-goog-api-key": "bench"}
    async with client.stream("POST", ADDRESS, json=body, headers=headers) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                parts = json.loads(line[5:])["candidates"][0]["content"]["parts"]
                yield "".join(part["text"] for part in parts)


app = Starlette(routes=[Route("/healthz", health), Route("/api/chat", chat, methods=["POST"])])
