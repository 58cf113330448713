"""What Google's error objects mean (pure).

Sources: google.rpc.Status with its details ErrorInfo, QuotaFailure and RetryInfo, and what clients report.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from kindlechat.errors import Reason, UpstreamError

PLAIN_STATUS = {
    400: Reason.BAD_REQUEST,
    403: Reason.PERMISSION,
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
    r"|\b(?:leaked|invalid|expired|blocked)\b[\w ]*\bapi[ _-]?key\b"
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
MODEL_WORD = re.compile(r"\bmodels?\b", re.IGNORECASE)
MESSAGE_CHARS = 500
"""So much of a message is searched."""


def parse_error(status: int, body: bytes, retry_after_s: float | None = None) -> UpstreamError:
    """The error that an HTTP status of 400 or more and its body (of any shape) stand for.

    `retry_after_s` is what its header of this name says: the longer of this and RetryInfo counts.
    """
    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError):
        decoded = None
    if isinstance(decoded, list) and decoded:
        decoded = decoded[0]
    told = decoded.get("error") if isinstance(decoded, dict) else None
    error = error_of(told, status)
    error.words = error.words or body.decode("utf-8", "replace")
    if error.retryable and retry_after_s is not None:
        error.retry_after_s = max(retry_after_s, error.retry_after_s or 0.0)
    return error


def error_of(error: Any, http_status: int | None = None) -> UpstreamError:
    """The UpstreamError for a google.rpc.Status object."""
    error = error if isinstance(error, dict) else {}
    found = _parse(error, http_status)
    found.words = str(error.get("message", ""))
    return found


def _parse(error: dict[str, Any], http_status: int | None) -> UpstreamError:
    code, name = error.get("code"), code_of(error.get("status", ""))
    status = http_status or (code if isinstance(code, int) else STATUS_CODES.get(name, 0))
    details = [detail for detail in _list(error.get("details")) if isinstance(detail, dict)]
    causes = [code_of(item["reason"]) for item in details if item.get("reason")]
    detail = " ".join(filter(None, (f"HTTP {status}", name, *causes[:1])))
    if reason := _operators_matter(status, name, causes, str(error.get("message", ""))):
        return UpstreamError(reason, detail=detail)
    if status == 429 or name == "RESOURCE_EXHAUSTED":
        return _quota_error(details, detail)
    if status == 503 or name == "UNAVAILABLE":
        return UpstreamError(
            Reason.BUSY, retryable=True, retry_after_s=_retry_delay(details), detail=detail
        )
    if status == 404:
        return UpstreamError(_what_is_missing(str(error.get("message", ""))), detail=detail)
    if status in PLAIN_STATUS:
        return UpstreamError(PLAIN_STATUS[status], detail=detail)
    return UpstreamError(
        Reason.UPSTREAM_ERROR, retryable=status in (0, 500, 502, 504), detail=detail
    )


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


def _what_is_missing(message: str) -> Reason:
    """The model is blamed only by an error that speaks of it: an address that is wrong answers 404, too."""
    says = MODEL_WORD.search(message[:MESSAGE_CHARS])
    return Reason.MODEL_GONE if says else Reason.NOT_FOUND


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


def code_of(value: Any) -> str:
    """A code of the upstream's, fit for a log line: letters, digits and _ only, at most 40."""
    return re.sub(r"[^A-Za-z0-9_]", "", str(value))[:40]
