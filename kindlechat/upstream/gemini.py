"""Gemini's wire format: the body of a request, and the meaning of the events that answer it (pure).

Sources: ai.google.dev's reference of `models.streamGenerateContent`, and what clients report of it.
Nothing here trusts the upstream's types: a field of another type counts as absent.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kindlechat.errors import Reason, UpstreamError
from kindlechat.reply import Depth, Message
from kindlechat.upstream.google_errors import code_of, error_of, parse_error
from kindlechat.upstream.prompts import DEFAULT_LANGUAGE, system_instruction
from kindlechat.upstream.wire import Chunk, Finished, MalformedEvent, Usage, join_chunks

THINKING_LEVELS = {Depth.QUICK: "LOW", Depth.THOROUGH: "HIGH"}

LENGTH_FACTORS = {Depth.QUICK: 1, Depth.THOROUGH: 2}
"""Thoughts count against the length limit, and the level HIGH has many."""

_raw_decode = json.JSONDecoder().raw_decode
BLANKS = " \t\r\n"
"""What JSON has between its parts (RFC 8259)."""

WITHOUT_LEVELS = re.compile(r"gemini-[12]\b")
"""Models to which a thinking level is an error."""


@dataclass(frozen=True)
class Generation:
    """How the model shall generate; what is None is not sent. With `follow_ups` it proposes questions."""

    max_output_tokens: int = 8192
    temperature: float | None = None
    thinking_level: str | None = None
    follow_ups: bool = False

    def for_depth(self, depth: Depth | None, model: str) -> "Generation":
        """The same for a quick or a thorough answer; the operator's own level holds for quick ones."""
        if depth is None:
            return self
        level = self.thinking_level if depth is Depth.QUICK else None
        if not WITHOUT_LEVELS.match(model):
            level = level or THINKING_LEVELS[depth]
        limit = self.max_output_tokens * LENGTH_FACTORS[depth]
        return replace(self, max_output_tokens=limit, thinking_level=level)


def build_request(
    messages: Iterable[Message],
    generation: Generation,
    language: str = DEFAULT_LANGUAGE,
    depth: Depth | None = None,
) -> dict[str, Any]:
    """The JSON body that asks for the next message after `messages`, in a language named in English.

    Neighbouring messages of one role are joined, since the roles must alternate.
    """
    contents: list[dict[str, Any]] = []
    for message in messages:
        if contents and contents[-1]["role"] == message.role:
            contents[-1]["parts"] += [*_picture(message), {"text": "\n\n" + message.text}]
        else:
            parts = [*_picture(message), {"text": message.text}]
            contents.append({"role": message.role, "parts": parts})
    config: dict[str, Any] = {"maxOutputTokens": generation.max_output_tokens}
    if generation.temperature is not None:
        config["temperature"] = generation.temperature
    if generation.thinking_level is not None:
        config["thinkingConfig"] = {"thinkingLevel": generation.thinking_level}
    instruction = system_instruction(language, depth, follow_ups=generation.follow_ups)
    return {
        "contents": contents,
        "systemInstruction": {"parts": [{"text": instruction}]},
        "generationConfig": config,
    }


def _picture(message: Message) -> list[dict[str, Any]]:
    """The part that holds the picture of a message, before its text."""
    if not message.jpeg:
        return []
    return [{"inlineData": {"mimeType": "image/jpeg", "data": b64encode(message.jpeg).decode()}}]


def parse_event(data: str) -> Chunk:
    """The meaning of one event's data.

    All visible parts are joined; thoughts are left out. Raises MalformedEvent, and UpstreamError for
    an error object or a blocked prompt.
    """
    try:
        decoded = _decoded(data.strip(BLANKS))
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


def _decoded(data: str) -> Any:
    """What `json.loads` makes of data without blanks around it, in two thirds of its time.

    Raises ValueError and RecursionError.
    """
    value, end = _raw_decode(data)
    if end != len(data):
        raise ValueError
    return value


def _parse_response(response: dict[str, Any]) -> Chunk:
    if response.get("error"):
        raise error_of(response["error"])
    candidates = response.get("candidates")
    if not (isinstance(candidates, list) and candidates and isinstance(candidates[0], dict)):
        _raise_if_blocked(response.get("promptFeedback"))
        return Chunk("", _usage(response), None)
    finish = candidates[0].get("finishReason")
    return Chunk(
        _visible_text(candidates[0].get("content")),
        _usage(response),
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


def _usage(response: dict[str, Any]) -> Usage | None:
    """The usage that a response tells. What is not counted apart was written."""
    metadata = response.get("usageMetadata")
    counts = metadata if isinstance(metadata, dict) else {}
    total = _count(counts, "totalTokenCount")
    if total is None:
        return None
    read = (_count(counts, "promptTokenCount") or 0) + (
        _count(counts, "toolUsePromptTokenCount") or 0
    )
    return Usage(min(read, total), max(0, total - read), total)


def _count(counts: dict[str, Any], name: str) -> int | None:
    count = counts.get(name)
    return count if isinstance(count, int) and count >= 0 else None


BLOCK_REASONS = {
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
        reason = BLOCK_REASONS.get(str(block), Reason.BLOCKED_PROMPT)
        said = feedback.get("blockReasonMessage") or ""
        raise UpstreamError(reason, detail=f"blockReason {code_of(block)}", words=str(said))


NORMAL_FINISH = "STOP"

ABNORMAL_ENDS = {
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
    if finish == NORMAL_FINISH:
        if not has_text:
            raise UpstreamError(Reason.EMPTY, retryable=True, detail="STOP with no text")
        return Finished(cut=False)
    if finish == "MAX_TOKENS":
        if not has_text:
            raise UpstreamError(Reason.THOUGHT_OUT, detail="MAX_TOKENS with no text")
        return Finished(cut=True)
    raise UpstreamError(
        ABNORMAL_ENDS.get(finish, Reason.OTHER_END), detail=f"finishReason {code_of(finish)}"
    )


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

    @property
    def normal_finish(self) -> str:
        return NORMAL_FINISH

    def encode_request(
        self,
        messages: Sequence[Message],
        language: str,
        depth: Depth | None = None,
        *,
        follow_ups: bool = True,
    ) -> bytes:
        generation = self.generation.for_depth(depth, self.model)
        generation = replace(generation, follow_ups=generation.follow_ups and follow_ups)
        return json.dumps(build_request(messages, generation, language, depth)).encode()

    parse_event = staticmethod(parse_event)
    parse_error = staticmethod(parse_error)
    conclude = staticmethod(conclude)
