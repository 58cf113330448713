"""Gemini's wire format: the body of a request, the meaning of events and of errors (pure).

Sources: ai.google.dev's reference of `models.streamGenerateContent`, and what clients report of it.
Nothing here trusts the upstream's types: a field of another type counts as absent.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kindlechat.errors import Reason, UpstreamError
from kindlechat.reply import Message
from kindlechat.upstream.prompts import DEFAULT_LANGUAGE, system_instruction
from kindlechat.upstream.wire import Chunk, Finished, MalformedEvent


@dataclass(frozen=True)
class Generation:
    """How the model shall generate; what is None is not sent."""

    max_output_tokens: int = 8192
    temperature: float | None = None
    thinking_level: str | None = None


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
        "systemInstruction": {"parts": [{"text": system_instruction(language)}]},
        "generationConfig": config,
    }


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
    if response.get("error"):
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
    return visible


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
    code, name = error.get("code"), _code(error.get("status", ""))
    status = http_status or (code if isinstance(code, int) else STATUS_CODES.get(name, 0))
    details = [detail for detail in _list(error.get("details")) if isinstance(detail, dict)]
    causes = [_code(item["reason"]) for item in details if item.get("reason")]
    detail = " ".join(filter(None, (f"HTTP {status}", name, *causes[:1])))
    if reason := _operators_matter(status, name, causes, str(error.get("message", ""))):
        return UpstreamError(reason, detail=detail)
    if status == 429 or name == "RESOURCE_EXHAUSTED":
        return _quota_error(details, detail)
    if status == 503 or name == "UNAVAILABLE":
        return UpstreamError(
            Reason.BUSY, retryable=True, retry_after_s=_retry_delay(details), detail=detail
        )
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

STATUS_CODES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""What google.rpc.Code's names stand for in HTTP."""

REFUSED_KEY = re.compile(r"API_KEY_|ACCESS_TOKEN_|CREDENTIALS_|CONSUMER_|ACCOUNT_|\w*_SUSPENDED")
"""Reasons of google.rpc.ErrorInfo that mean the key, or its owner."""

REFUSED_KEY_WORDS = re.compile(
    r"\bapi[ _-]?key\b.*\b(?:leaked|compromised|suspended|blocked|revoked|expired|disabled|deleted"
    r"|invalid|not valid|not found)\b"
    r"|\b(?:consumer|project|account)\b.*\b(?:suspended|blocked|terminated|denied access)\b",
    re.IGNORECASE | re.DOTALL,
)
UNPAID_WORDS = re.compile(
    r"\bprepa(?:y|id)|\bspend(?:ing)? (?:cap|limit)\b|\b(?:requires?|enable) billing\b"
    r"|\bcredits?\b.*\b(?:depleted|exhausted|used up|insufficient|expired|run out|too low)\b"
    r"|\b(?:insufficient|no|not enough|out of)\b[\w ]*\b(?:credits?|funds|balance)\b"
    r"|\bbilling\b[\w ]*\b(?:disabled|closed|suspended|not (?:been )?enabled|not active|inactive)\b",
    re.IGNORECASE | re.DOTALL,
)
"""Not what every quota error says: "check your plan and billing details"."""

PLACE_WORDS = re.compile(r"\b(?:country|countries|location|region)\b", re.IGNORECASE)
MESSAGE_CHARS = 500
"""So much of a message is searched."""


def _operators_matter(status: int, name: str, causes: Sequence[str], message: str) -> Reason | None:
    """The reason where only the operator can help: the key, the money, the server's country.

    Google tells some of these by the words of the message alone.
    """
    message = message[:MESSAGE_CHARS]
    if status == 401 or any(map(REFUSED_KEY.match, causes)):
        return Reason.BAD_KEY
    if status == 402 or "BILLING_DISABLED" in causes:
        return Reason.BILLING
    unpaid = status in (400, 403, 429) and UNPAID_WORDS.search(message)
    if status == 400 and name == "FAILED_PRECONDITION":
        return Reason.BILLING if unpaid and not PLACE_WORDS.search(message) else Reason.COUNTRY
    if unpaid:
        return Reason.BILLING
    if status in (400, 403) and REFUSED_KEY_WORDS.search(message):
        return Reason.BAD_KEY
    return None


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


@dataclass(frozen=True)
class Gemini:
    """Gemini's API at one base URL, as a wire format for the client."""

    base_url: str
    model: str
    api_key: str | None = field(repr=False)
    generation: Generation

    @property
    def url(self) -> str:
        return f"{self.base_url}/v1beta/models/{self.model}:streamGenerateContent?alt=sse"

    @property
    def headers(self) -> Mapping[str, str]:
        return {"x-goog-api-key": self.api_key} if self.api_key else {}

    def encode_request(self, messages: Sequence[Message], language: str) -> bytes:
        return json.dumps(build_request(messages, self.generation, language)).encode()

    parse_event = staticmethod(parse_event)
    parse_error = staticmethod(parse_error)
    conclude = staticmethod(conclude)
