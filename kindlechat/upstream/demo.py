"""The demonstration: an upstream of our own that answers without a key, over HTTP as Gemini does.

Pure functions make what it says. `create_demo` is the WSGI edge, and `serve_demo` puts it on a loopback
port of this process.
"""

import itertools
import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import gevent
from gevent.pywsgi import WSGIServer

from kindlechat.actions.action import built_in_by_prompt
from kindlechat.actions.meaning import word_asked_for
from kindlechat.errors import KindlechatError
from kindlechat.reply import Depth
from kindlechat.upstream.prompts import (
    CONTINUE_INSTRUCTION,
    DEFAULT_LANGUAGE,
    FOLLOW_UPS_INSTRUCTION,
    system_instruction,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MODEL = "kindlechat-demonstration"
SILENT_START_S = 0.4
WORDS_PER_S = 40.0
"""About what a fast model writes; some eight times what a person reads."""

CHINESE = "\u3040-\u30ff\u3400-\u9fff"
WORD = re.compile(rf"\s*(?:[{CHINESE}]{{1,2}}|[^\s{CHINESE}]+)(?:\s*$)?")
"""A word with the blanks before it. In Chinese, which has no blanks, two letters stand for one."""

PIECE_WORDS = (2, 5, 1, 3, 4)
"""Gemini's events hold uneven numbers of words."""

MAX_QUOTED_CHARS = 200
MAX_BODY_BYTES = 8 * 1024 * 1024
"""A history may have four pictures of half a megabyte."""

JPEG_SIZE = re.compile(rb"\xff[\xc0-\xc2]..\x08(..)(..)", re.DOTALL)
"""Where a JPEG says how high and how wide it is: the header of its frame."""

Say = Callable[..., str]
"""The sentences of one language: `say(name, **values)`."""


class BadRequest(KindlechatError):
    """The request's body is not one that Gemini would take."""


def demo_answer(say: Say, question: str, earlier_questions: int = 0) -> str:
    """What the demonstration says to a question, as Markdown; the question is quoted as plain text."""
    answer = say("demo.answer", question=_quote(question))
    if earlier_questions:
        answer += " " + say("demo.remembered", n=earlier_questions)
    return f"""\
{answer}

## {say("demo.how")}

1. {say("demo.how_key")}
2. {say("demo.how_start")}
3. {say("demo.how_platform")}

## {say("demo.holds")}

{say("demo.holds_text")}

| {say("demo.device")} | {say("demo.arrival")} |
|---|---|
| {say("demo.tablet")} | {say("demo.tablet_arrival")} |
| {say("demo.kindle")} | {say("demo.kindle_arrival")} |
| {say("demo.browser")} | {say("demo.browser_arrival")} |

{say("demo.code")}

```python
def greet(name):
    print("Good reading,", name)
```

{say("demo.end")}
"""


def _quote(question: str) -> str:
    """At most 200 characters of the question on one line, with Markdown's own characters escaped."""
    line = " ".join(question.split())
    if len(line) > MAX_QUOTED_CHARS:
        line = line[:MAX_QUOTED_CHARS].rstrip() + " …"
    return re.sub(r"([\\`*_{}\[\]()#+.!|<>~&-])", r"\\\1", line)


def answer_to(request: Any, languages: Mapping[str, Say]) -> str:
    """The demonstration's answer to the body of a request to Gemini. Raises BadRequest.

    `languages` holds each language's sentences by its English name. The answer is in the one that the
    system instruction asks for: the demonstration cannot tell the language of a question.
    """
    try:
        contents = request["contents"]
        turns = [(turn["role"], turn["parts"][-1]["text"]) for turn in contents]
    except (KeyError, IndexError, TypeError):
        raise BadRequest("expected contents with a role and parts") from None
    questions = [text for role, text in turns if role == "user"]
    if not questions or not all(isinstance(text, str) for text in questions):
        raise BadRequest("expected a question in contents")
    say = languages[_language_asked_for(request, languages)]
    question = questions[-1].strip()
    picture = _picture(contents[-1]["parts"])
    if question == CONTINUE_INSTRUCTION:
        answer = "\n\n" + say("demo.continued") + "\n"
    elif word := word_asked_for(question):
        return str(say("demo.word", word=_quote(word)))
    elif action := built_in_by_prompt(question):
        name = say(f"action.{action.name}")
        answer = say("demo.task", name=name, prompt=_quote(question)) + "\n"
    else:
        answer = demo_answer(say, question, len(questions) - 1)
    if picture:
        answer = f"{say('demo.picture', format='JPEG', **picture)}\n\n{answer}"
    return answer + _follow_ups(say) if _wants_follow_ups(request) else answer


def _picture(parts: list[Any]) -> dict[str, int]:
    """All that can be told of the picture in a message's parts: its `width`, its `height`, and its `n` bytes.

    Raises BadRequest where it is none that Gemini would take.
    """
    found = [part["inlineData"] for part in parts if "inlineData" in part]
    if not found:
        return {}
    try:
        jpeg = b64decode(found[-1]["data"], validate=True)
    except (KeyError, TypeError, ValueError):
        raise BadRequest("expected base64 in inlineData") from None
    size = JPEG_SIZE.search(jpeg)
    if found[-1].get("mimeType") != "image/jpeg" or size is None:
        raise BadRequest("expected a JPEG in inlineData")
    height, width = map(int.from_bytes, size.groups())
    return {"width": width, "height": height, "n": len(jpeg)}


def _follow_ups(say: Say) -> str:
    """What the demonstration proposes to ask next, in the form that the model is asked for."""
    questions = "\n".join(say(f"demo.follow_up_{number}") for number in (1, 2, 3))
    return f"\n<follow-ups>\n{questions}\n</follow-ups>\n"


def _wants_follow_ups(request: Any) -> bool:
    return FOLLOW_UPS_INSTRUCTION.strip() in json.dumps(request.get("systemInstruction"))


def _language_asked_for(request: Any, languages: Iterable[str]) -> str:
    for language, depth, follow_ups in itertools.product(languages, (None, *Depth), (False, True)):
        text = system_instruction(language, depth, follow_ups=follow_ups)
        if request.get("systemInstruction") == {"parts": [{"text": text}]}:
            return language
    return DEFAULT_LANGUAGE


def split_pieces(text: str, words: Iterable[int] = PIECE_WORDS) -> list[str]:
    """`text` in pieces of a few words each; joined, they are `text` again."""
    tokens = WORD.findall(text)
    sizes = itertools.cycle(words)
    pieces = []
    while tokens:
        size = next(sizes)
        pieces.append("".join(tokens[:size]))
        tokens = tokens[size:]
    return pieces


def events(
    pieces: Iterable[str], model: str = MODEL, finish: str = "STOP"
) -> Iterator[dict[str, Any]]:
    """The response objects in which Gemini would send an answer that comes in `pieces`.

    A thought comes first; some events hold two parts; usage is cumulative; the last event holds the
    finish reason and a part that is empty but for a signature.
    """
    thought = {"text": "**Greeting the reader**\n\nShow how an answer arrives.", "thought": True}
    tokens = 40
    yield _response(model, tokens, [thought])
    for number, piece in enumerate(pieces):
        tokens += 1 + len(piece) // 4
        half = len(piece) // 2 if number % 3 == 2 else 0
        parts = [{"text": piece[:half]}, {"text": piece[half:]}] if half else [{"text": piece}]
        yield _response(model, tokens, parts)
    yield _response(model, tokens, [{"text": "", "thoughtSignature": "ZGVtbw=="}], finish)


def _response(
    model: str, tokens: int, parts: list[dict[str, Any]], finish: str | None = None
) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {
        "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": 30,
            "candidatesTokenCount": tokens - 40,
            "thoughtsTokenCount": 10,
            "totalTokenCount": tokens,
        },
        "modelVersion": model,
        "responseId": "demonstration",
    }


def encode_event(response: dict[str, Any]) -> bytes:
    """One server-sent event as Gemini writes it: a data line of JSON in raw UTF-8, ended by CRLF."""
    return b"data: " + json.dumps(response, ensure_ascii=False).encode() + b"\r\n\r\n"


def error_object(code: int, status: str, message: str, *details: Any) -> dict[str, Any]:
    """Gemini's error object (google.rpc.Status as JSON)."""
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        error["details"] = list(details)
    return {"error": error}


def create_demo(
    languages: Mapping[str, Say],
    silent_start_s: float = SILENT_START_S,
    words_per_s: float = WORDS_PER_S,
    sleep: Callable[[float], None] = gevent.sleep,
) -> "WSGIApplication":
    """The demonstration as a WSGI application, at human speed unless told otherwise.

    `languages` as answer_to takes it.
    """

    def demo(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "GET" and path == "/v1beta/models":
            return _json(start_response, "200 OK", {"models": [{"name": f"models/{MODEL}"}]})
        match = re.fullmatch(r"/v1(?:beta)?/models/([\w.-]+):streamGenerateContent", path)
        if environ["REQUEST_METHOD"] != "POST" or not match:
            missing = error_object(404, "NOT_FOUND", "The demonstration has no such address.")
            return _json(start_response, "404 Not Found", missing)
        try:
            text = answer_to(json.loads(environ["wsgi.input"].read(MAX_BODY_BYTES)), languages)
        except (ValueError, BadRequest) as error:
            refused = error_object(400, "INVALID_ARGUMENT", f"The demonstration {error}.")
            return _json(start_response, "400 Bad Request", refused)
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return paced(events(split_pieces(text), match[1]))

    def paced(responses: Iterable[dict[str, Any]]) -> Iterator[bytes]:
        sleep(silent_start_s)
        for response in responses:
            yield encode_event(response)
            text = response["candidates"][0]["content"]["parts"][-1]["text"]
            sleep(len(WORD.findall(text)) / words_per_s)

    return demo


def _json(start_response: "StartResponse", status: str, body: dict[str, Any]) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json; charset=UTF-8")])
    return [json.dumps(body, indent=2).encode()]


def serve_demo(application: "WSGIApplication", port: int = 0) -> WSGIServer:
    """Serve the demonstration on a loopback port of this process (0: a free one); already started."""
    server = WSGIServer(("127.0.0.1", port), application, log=None, error_log=None)
    server.start()
    return server
