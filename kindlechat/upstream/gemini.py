"""Gemini's streaming protocol as pure functions: a request's body, an event's meaning, an error's.

Sources: ai.google.dev's reference of `models.streamGenerateContent`, and what clients report of it.
Nothing here trusts the upstream's types: a field of another type counts as absent.
"""

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kindlechat.errors import Reason, UpstreamError
from kindlechat.reply import Message, sound_text
from kindlechat.timings import Timings

MAX_HISTORY_TURNS = 40
"""Messages of the history sent along (20 questions and answers): each one is paid for again."""

MAX_HISTORY_CHARS = 60_000

DEFAULT_LANGUAGE = "English"

SYSTEM_INSTRUCTION = (
    "You answer people who read on small grey screens: e-readers, text browsers, old phones. "
    "Answer in {language}, or in the language of the question if that is another one. Come to the "
    "point in the first sentence; keep answers short unless asked for more. Write plain prose in "
    "short paragraphs, with simple Markdown where it helps: lists, bold, short code blocks, small "
    "tables of at most three columns. No emoji, no images, no HTML, no LaTeX: write formulas in "
    "plain characters. The screen cannot scroll sideways, so keep code lines under 60 characters."
)

CONTINUE_INSTRUCTION = (
    "Your last answer broke off in the middle. Go on from exactly where it ends: begin with the very "
    "next characters, in the middle of a word or a sentence if need be. Repeat nothing of what is "
    "there, and do not mention the break."
)


@dataclass(frozen=True)
class Generation:
    """How the model shall generate; what is None is not sent."""

    max_output_tokens: int = 8192
    temperature: float | None = None
    thinking_level: str | None = None


def bound_history(
    history: Sequence[Message],
    max_turns: int = MAX_HISTORY_TURNS,
    max_chars: int = MAX_HISTORY_CHARS,
) -> list[Message]:
    """The newest part of a history that fits the bounds and begins with a question.

    Whole messages are dropped, the oldest first.
    """
    kept: list[Message] = []
    chars = 0
    for message in reversed(history[-max_turns:] if max_turns else []):
        chars += len(message.text)
        if chars > max_chars:
            break
        kept.append(message)
    while kept and kept[-1].role == "model":
        kept.pop()
    return kept[::-1]


def system_instruction(language: str) -> dict[str, Any]:
    """How the model shall answer, in a language named in English."""
    return {"parts": [{"text": SYSTEM_INSTRUCTION.format(language=language)}]}


def build_request(
    messages: Iterable[Message], generation: Generation, language: str = DEFAULT_LANGUAGE
) -> dict[str, Any]:
    """The JSON body that asks for the next message after `messages`, in a language named in English.

    Neighbouring messages of one role are joined, since the roles must alternate.
    """
    contents: list[dict[str, Any]] = []
    for message in messages:
        if contents and contents[-1]["role"] == message.role:
            contents[-1]["parts"].append({"text": "\n\n" + message.text})
        else:
            contents.append({"role": message.role, "parts": [{"text": message.text}]})
    config: dict[str, Any] = {"maxOutputTokens": generation.max_output_tokens}
    if generation.temperature is not None:
        config["temperature"] = generation.temperature
    if generation.thinking_level is not None:
        config["thinkingConfig"] = {"thinkingLevel": generation.thinking_level}
    return {
        "contents": contents,
        "systemInstruction": system_instruction(language),
        "generationConfig": config,
    }


class Chunk(NamedTuple):
    """What one event brought: visible text, the usage so far, and a finish reason.

    `total_tokens` is cumulative within a request (None: not said). A finish reason may stand on any
    event, several times; the last one counts, at the body's end.
    """

    text: str
    total_tokens: int | None
    finish: str | None


class MalformedEvent(Exception):
    """The event's data is not a JSON object (or an array of them)."""


def parse_event(data: str) -> Chunk:
    """The meaning of one event's data.

    All visible parts are joined; thoughts are left out. Raises MalformedEvent, and UpstreamError for
    an error object or a blocked prompt.
    """
    try:
        decoded = json.loads(data)
    except (ValueError, RecursionError):
        raise MalformedEvent("expected JSON, got something else") from None
    if isinstance(decoded, dict):
        return _parse_response(decoded)
    if (
        isinstance(decoded, list)
        and decoded
        and all(isinstance(response, dict) for response in decoded)
    ):
        return join_chunks(map(_parse_response, decoded))
    raise MalformedEvent("expected a JSON object, got another type")


def join_chunks(chunks: Iterable[Chunk]) -> Chunk:
    """One chunk that says what several say: texts joined, the last usage and finish."""
    text, total, finish = "", None, None
    for chunk in chunks:
        text += chunk.text
        total = total if chunk.total_tokens is None else chunk.total_tokens
        finish = chunk.finish or finish
    return Chunk(text, total, finish)


def _parse_response(response: dict[str, Any]) -> Chunk:
    if "error" in response:
        raise _error_of(response["error"], http_status=None)
    candidates = response.get("candidates")
    if not (isinstance(candidates, list) and candidates and isinstance(candidates[0], dict)):
        _raise_if_blocked(response.get("promptFeedback"))
        return Chunk("", _total_tokens(response), None)
    finish = candidates[0].get("finishReason")
    return Chunk(
        _visible_text(candidates[0].get("content")),
        _total_tokens(response),
        finish if isinstance(finish, str) and finish else None,
    )


def _visible_text(content: Any) -> str:
    parts = content.get("parts") if isinstance(content, dict) else None
    if not isinstance(parts, list):
        return ""
    visible = ""
    for part in parts:
        if isinstance(part, dict) and not part.get("thought"):
            text = part.get("text")
            if isinstance(text, str):
                visible += text
    return sound_text(visible)


def _total_tokens(response: dict[str, Any]) -> int | None:
    usage = response.get("usageMetadata")
    total = usage.get("totalTokenCount") if isinstance(usage, dict) else None
    return total if isinstance(total, int) else None


_BLOCKED = {
    "SAFETY": Reason.BLOCKED_SAFETY,
    "BLOCKLIST": Reason.BLOCKED_BLOCKLIST,
    "PROHIBITED_CONTENT": Reason.BLOCKED_PROHIBITED,
    "JAILBREAK": Reason.BLOCKED_JAILBREAK,
    "IMAGE_SAFETY": Reason.BLOCKED_SAFETY,
    "MODEL_ARMOR": Reason.BLOCKED_SAFETY,
    "OTHER": Reason.BLOCKED_OTHER,
    "BLOCK_REASON_UNSPECIFIED": Reason.BLOCKED_PROMPT,
}


def _raise_if_blocked(feedback: Any) -> None:
    block = feedback.get("blockReason") if isinstance(feedback, dict) else None
    if block:
        reason = _BLOCKED.get(str(block), Reason.BLOCKED_PROMPT)
        raise UpstreamError(reason, detail=f"blockReason {_code(block)}")


_ABNORMAL_END = {
    "SAFETY": Reason.SAFETY,
    "MODEL_ARMOR": Reason.SAFETY,
    "RECITATION": Reason.RECITATION,
    "LANGUAGE": Reason.LANGUAGE,
    "BLOCKLIST": Reason.BLOCKLIST,
    "PROHIBITED_CONTENT": Reason.PROHIBITED,
    "SPII": Reason.SPII,
    "MALFORMED_FUNCTION_CALL": Reason.TOOL_CALL,
    "UNEXPECTED_TOOL_CALL": Reason.TOOL_CALL,
    "TOO_MANY_TOOL_CALLS": Reason.TOOL_CALL,
    "MISSING_THOUGHT_SIGNATURE": Reason.MALFORMED,
    "MALFORMED_RESPONSE": Reason.MALFORMED,
    "IMAGE_SAFETY": Reason.IMAGE,
    "IMAGE_PROHIBITED_CONTENT": Reason.IMAGE,
    "IMAGE_OTHER": Reason.IMAGE,
    "IMAGE_RECITATION": Reason.IMAGE,
    "NO_IMAGE": Reason.IMAGE,
    "OTHER": Reason.OTHER_END,
    "ESCALATION": Reason.OTHER_END,
    "PUP_LIMITED_DISABLED": Reason.OTHER_END,
    "CONTINUATION": Reason.OTHER_END,
    "FINISH_REASON_UNSPECIFIED": Reason.OTHER_END,
}


class Finished(NamedTuple):
    """The upstream ended normally: `cut` says it did so at its length limit."""

    cut: bool


def conclude(finish: str | None, *, has_text: bool) -> Finished:
    """What a whole body amounts to, given the last finish reason and whether text was shown.

    Raises UpstreamError for every abnormal end; a body with no finish reason is a cut stream.
    """
    if finish is None:
        raise UpstreamError(Reason.NO_FINISH, retryable=True, detail="no finishReason")
    if finish == "STOP":
        if not has_text:
            raise UpstreamError(Reason.EMPTY, retryable=True, detail="STOP with no text")
        return Finished(cut=False)
    if finish == "MAX_TOKENS":
        if not has_text:
            raise UpstreamError(Reason.THOUGHT_OUT, detail="MAX_TOKENS with no text")
        return Finished(cut=True)
    raise UpstreamError(
        _ABNORMAL_END.get(finish, Reason.OTHER_END), detail=f"finishReason {_code(finish)}"
    )


def parse_error(status: int, body: bytes) -> UpstreamError:
    """The error that an HTTP status of 400 or more and its body (of any shape) stand for."""
    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError):
        decoded = None
    if isinstance(decoded, list) and decoded:
        decoded = decoded[0]
    error = decoded.get("error") if isinstance(decoded, dict) else None
    return _error_of(error, http_status=status)


def _error_of(error: Any, http_status: int | None) -> UpstreamError:
    """The UpstreamError for a google.rpc.Status object; the object's own words are not kept."""
    error = error if isinstance(error, dict) else {}
    code = error.get("code")
    status = http_status or (code if isinstance(code, int) else 0)
    name = _code(error.get("status", ""))
    details = [detail for detail in _list(error.get("details")) if isinstance(detail, dict)]
    detail = f"HTTP {status} {name}".strip()
    if any(item.get("reason") == "API_KEY_INVALID" for item in details) or status == 401:
        return UpstreamError(Reason.BAD_KEY, detail=detail)
    if status == 429 or name == "RESOURCE_EXHAUSTED":
        return _quota_error(details, detail)
    if status == 503 or name == "UNAVAILABLE":
        return UpstreamError(
            Reason.BUSY, retryable=True, retry_after_s=_retry_delay(details), detail=detail
        )
    if status == 400 and name == "FAILED_PRECONDITION":
        return UpstreamError(Reason.COUNTRY, detail=detail)
    if status in _PLAIN_STATUS:
        return UpstreamError(_PLAIN_STATUS[status], detail=detail)
    return UpstreamError(
        Reason.UPSTREAM_ERROR, retryable=status in (0, 500, 502, 504), detail=detail
    )


_PLAIN_STATUS = {
    400: Reason.BAD_REQUEST,
    403: Reason.PERMISSION,
    404: Reason.MODEL_GONE,
    413: Reason.BAD_REQUEST,
}


def _quota_error(details: list[dict[str, Any]], detail: str) -> UpstreamError:
    quota_ids = [
        str(violation.get("quotaId", ""))
        for item in details
        for violation in _list(item.get("violations"))
        if isinstance(violation, dict)
    ]
    if any("PerDay" in quota_id for quota_id in quota_ids):
        return UpstreamError(Reason.QUOTA_DAY, detail=detail)
    return UpstreamError(
        Reason.QUOTA_MINUTE, retryable=True, retry_after_s=_retry_delay(details), detail=detail
    )


def _retry_delay(details: list[dict[str, Any]]) -> float | None:
    """Seconds from google.rpc.RetryInfo, whose delay is spelled like "17s" or "0.5s"."""
    for item in details:
        match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)s", str(item.get("retryDelay", "")))
        if match:
            return float(match[1])
    return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _code(value: Any) -> str:
    """A code of the upstream's, fit for a log line: letters, digits and _ only, at most 40."""
    return re.sub(r"[^A-Za-z0-9_]", "", str(value))[:40]


def retry_pause_s(
    error: UpstreamError, tries: int, jitter: float, timings: Timings
) -> float | None:
    """How long to wait before trying again after `tries` tries, or None: give up.

    `jitter` is a random number in [0, 1). What the upstream asked for is a floor.
    """
    if not error.retryable or tries > len(timings.retry_backoff_s):
        return None
    asked = error.retry_after_s or 0.0
    if asked > timings.max_retry_after_s or not math.isfinite(asked):
        return None
    return max(asked, timings.retry_backoff_s[tries - 1] * (0.5 + jitter))
