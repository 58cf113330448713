"""Gemini's protocol: requests, events, ends and errors."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindlechat.errors import Reason, UpstreamError
from kindlechat.reply import Depth, Message
from kindlechat.upstream.gemini import (
    Gemini,
    Generation,
    build_request,
    conclude,
    parse_error,
    parse_event,
)
from kindlechat.upstream.wire import Chunk, Finished, MalformedEvent, Usage
from tests.cases import cases

ASK = Message("user", "Why?")


def event(*parts, **rest):
    return json.dumps(
        {"candidates": [{"content": {"parts": list(parts), "role": "model"}, **rest}]}
    )


def error_object(code, status="", *details, message="secret words"):
    return {"error": {"code": code, "message": message, "status": status, "details": details}}


# Requests


def test_a_request_carries_history_instruction_and_length_limit():
    body = build_request([ASK, Message("model", "So."), Message("user", "Sure?")], Generation())
    assert [content["role"] for content in body["contents"]] == ["user", "model", "user"]
    assert body["contents"][2]["parts"] == [{"text": "Sure?"}]
    assert "grey" in body["systemInstruction"]["parts"][0]["text"]
    assert body["generationConfig"] == {"maxOutputTokens": 8192}


def test_only_what_the_operator_set_is_sent():
    config = build_request([ASK], Generation(100, 0.5, "LOW"))["generationConfig"]
    assert config == {
        "maxOutputTokens": 100,
        "temperature": 0.5,
        "thinkingConfig": {"thinkingLevel": "LOW"},
    }


@cases(
    ("model", "depth", "level", "tokens"),
    [
        ("gemini-flash-latest", Depth.QUICK, "LOW", 8192),
        ("gemini-flash-latest", Depth.THOROUGH, "HIGH", 16384),
        ("gemini-3.8-flash", Depth.THOROUGH, "HIGH", 16384),
        ("gemini-2.5-flash", Depth.THOROUGH, None, 16384),
    ],
)
def test_depth_sets_how_long_the_model_thinks_and_writes(model, depth, level, tokens):
    """Models before the third know no levels, and refuse them."""
    wire = Gemini("https://upstream.example", model, None, Generation())
    body = json.loads(wire.encode_request([ASK], "English", depth))
    config = body["generationConfig"]
    assert config["maxOutputTokens"] == tokens
    assert config.get("thinkingConfig", {}).get("thinkingLevel") == level
    said = body["systemInstruction"]["parts"][0]["text"]
    assert ("thoroughly" in said) == (depth is Depth.THOROUGH)
    own = Generation(thinking_level="MEDIUM").for_depth(Depth.QUICK, model)
    assert own.thinking_level == "MEDIUM", "the operator's own"


def test_neighbouring_messages_of_one_role_are_joined():
    contents = build_request([ASK, Message("user", "Again?")], Generation())["contents"]
    assert len(contents) == 1
    assert len(contents[0]["parts"]) == 2


# Events


def test_all_visible_parts_are_joined_and_thoughts_left_out():
    data = event(
        {"text": "one "},
        {"text": "hidden", "thought": True},
        {"text": "", "thoughtSignature": "abc"},
        {"text": "two"},
        {"inlineData": {}},
    )
    assert parse_event(data) == Chunk("one two", None, None)


def test_usage_and_finish_are_read_from_an_event_with_no_content():
    data = json.dumps(
        {"candidates": [{"finishReason": "STOP"}], "usageMetadata": {"totalTokenCount": 7}}
    )
    assert parse_event(data) == Chunk("", Usage(0, 7, 7), "STOP")


@cases(
    ("told", "usage"),
    [
        (
            {
                "promptTokenCount": 10,
                "candidatesTokenCount": 20,
                "thoughtsTokenCount": 30,
                "totalTokenCount": 60,
            },
            Usage(10, 50, 60),
        ),
        (
            {"promptTokenCount": 10, "toolUsePromptTokenCount": 5, "totalTokenCount": 20},
            Usage(15, 5, 20),
        ),
        ({"promptTokenCount": 90, "totalTokenCount": 20}, Usage(20, 0, 20)),
        ({"promptTokenCount": -1, "totalTokenCount": "60"}, None),
        ([], None),
    ],
)
def test_tokens_are_those_read_and_those_written_thoughts_included(told, usage):
    assert parse_event(json.dumps({"usageMetadata": told})).usage == usage


def test_an_array_of_responses_counts_as_one():
    data = f"[{event({'text': 'a'})}, {event({'text': 'b'}, finishReason='STOP')}]"
    assert parse_event(data) == Chunk("ab", None, "STOP")


def test_blanks_around_an_object_say_nothing():
    assert parse_event(f" \t{event({'text': 'a'})}\r\n") == Chunk("a", None, None)


@cases(
    "data", ["", "{", '"text"', "42", "null", "[]", "[1]", "[" * 5000, "{} {}", "{}x", "\u00a0{}"]
)
def test_what_is_no_object_is_malformed(data):
    with pytest.raises(MalformedEvent):
        parse_event(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(
            ["candidates", "content", "parts", "text", "thought", "finishReason", "usageMetadata",
             "totalTokenCount", "promptFeedback", "blockReason", "error", "code", "details", "reason",
             "violations", "status", "retryDelay"]
        ),
        inner,
    ),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_no_shape_of_json_surprises_the_parser(value):
    try:
        chunk = parse_event(json.dumps(value))
    except (MalformedEvent, UpstreamError):
        return
    assert isinstance(chunk.text, str)


@cases(
    ("block", "reason"),
    [
        ("SAFETY", Reason.BLOCKED_SAFETY),
        ("OTHER", Reason.BLOCKED_OTHER),
        ("BLOCKLIST", Reason.BLOCKED_BLOCKLIST),
        ("PROHIBITED_CONTENT", Reason.BLOCKED_PROHIBITED),
        ("IMAGE_SAFETY", Reason.BLOCKED_SAFETY),
        ("MODEL_ARMOR", Reason.BLOCKED_SAFETY),
        ("JAILBREAK", Reason.BLOCKED_JAILBREAK),
        ("NEWLY_INVENTED", Reason.BLOCKED_PROMPT),
    ],
)
def test_every_block_reason_refuses_for_good(block, reason):
    with pytest.raises(UpstreamError) as caught:
        parse_event(json.dumps({"promptFeedback": {"blockReason": block}}))
    assert caught.value.reason is reason
    assert not caught.value.retryable


# Ends


def test_normal_ends():
    assert conclude("STOP", has_text=True) == Finished(cut=False)
    assert conclude("MAX_TOKENS", has_text=True) == Finished(cut=True)


@cases(
    ("finish", "has_text", "reason", "retryable"),
    [
        (None, True, Reason.NO_FINISH, True),
        ("STOP", False, Reason.EMPTY, True),
        ("MAX_TOKENS", False, Reason.THOUGHT_OUT, False),
        ("SAFETY", True, Reason.SAFETY, False),
        ("RECITATION", True, Reason.RECITATION, False),
        ("LANGUAGE", True, Reason.LANGUAGE, False),
        ("OTHER", True, Reason.OTHER_END, False),
        ("BLOCKLIST", True, Reason.BLOCKLIST, False),
        ("PROHIBITED_CONTENT", True, Reason.PROHIBITED, False),
        ("SPII", True, Reason.SPII, False),
        ("MALFORMED_FUNCTION_CALL", True, Reason.TOOL_CALL, False),
        ("IMAGE_SAFETY", True, Reason.IMAGE, False),
        ("IMAGE_PROHIBITED_CONTENT", True, Reason.IMAGE, False),
        ("IMAGE_OTHER", True, Reason.IMAGE, False),
        ("NO_IMAGE", True, Reason.IMAGE, False),
        ("IMAGE_RECITATION", True, Reason.IMAGE, False),
        ("UNEXPECTED_TOOL_CALL", True, Reason.TOOL_CALL, False),
        ("TOO_MANY_TOOL_CALLS", True, Reason.TOOL_CALL, False),
        ("MISSING_THOUGHT_SIGNATURE", True, Reason.MALFORMED, False),
        ("MALFORMED_RESPONSE", True, Reason.MALFORMED, False),
        ("ESCALATION", True, Reason.OTHER_END, False),
        ("PUP_LIMITED_DISABLED", True, Reason.OTHER_END, False),
        ("CONTINUATION", True, Reason.OTHER_END, False),
        ("MODEL_ARMOR", True, Reason.SAFETY, False),
        ("FINISH_REASON_UNSPECIFIED", True, Reason.OTHER_END, False),
        ("NEWLY_INVENTED", True, Reason.OTHER_END, False),
    ],
)
def test_every_other_end_is_abnormal(finish, has_text, reason, retryable):
    with pytest.raises(UpstreamError) as caught:
        conclude(finish, has_text=has_text)
    assert (caught.value.reason, caught.value.retryable) == (reason, retryable)


# Errors

KEY_INVALID = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
PER_DAY = {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}
PER_MINUTE = {"violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}]}
RETRY_17 = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17s"}
RETRY_3 = {"retryDelay": "3.5s"}


@cases(
    ("status", "body", "reason", "retryable", "retry_after_s"),
    [
        (400, error_object(400, "INVALID_ARGUMENT", KEY_INVALID), Reason.BAD_KEY, False, None),
        (401, error_object(401, "UNAUTHENTICATED"), Reason.BAD_KEY, False, None),
        (400, error_object(400, "INVALID_ARGUMENT"), Reason.BAD_REQUEST, False, None),
        (400, error_object(400, "FAILED_PRECONDITION"), Reason.COUNTRY, False, None),
        (403, error_object(403, "PERMISSION_DENIED"), Reason.PERMISSION, False, None),
        (404, error_object(404, "NOT_FOUND"), Reason.NOT_FOUND, False, None),
        (404, error_object(404, "", message="no such model"), Reason.MODEL_GONE, False, None),
        (404, "404 page not found", Reason.NOT_FOUND, False, None),
        (
            429,
            error_object(429, "RESOURCE_EXHAUSTED", PER_DAY, RETRY_3),
            Reason.QUOTA_DAY,
            False,
            None,
        ),
        (429, error_object(429, "", PER_MINUTE, RETRY_17), Reason.QUOTA_MINUTE, True, 17.0),
        (429, error_object(429, "", PER_MINUTE, RETRY_3), Reason.QUOTA_MINUTE, True, 3.5),
        (429, "nothing that helps", Reason.QUOTA_MINUTE, True, None),
        (499, error_object(499, "CANCELLED"), Reason.UPSTREAM_ERROR, False, None),
        (500, error_object(500, "INTERNAL"), Reason.UPSTREAM_ERROR, True, None),
        (502, "<html>", Reason.UPSTREAM_ERROR, True, None),
        (503, error_object(503, "UNAVAILABLE"), Reason.BUSY, True, None),
        (503, [error_object(503, "UNAVAILABLE")], Reason.BUSY, True, None),
        (504, [], Reason.UPSTREAM_ERROR, True, None),
        (302, "", Reason.UPSTREAM_ERROR, False, None),
    ],
)
def test_an_http_error_of_any_shape_has_its_reason(status, body, reason, retryable, retry_after_s):
    error = parse_error(status, json.dumps(body).encode())
    assert (error.reason, error.retryable) == (reason, retryable)
    assert error.retry_after_s == retry_after_s
    assert "secret" not in str(error)


def test_the_header_counts_beside_retry_info_and_the_longer_wait_wins():
    quota = json.dumps(error_object(429, "", PER_MINUTE, RETRY_3)).encode()
    assert parse_error(429, quota, 9.0).retry_after_s == 9
    assert parse_error(429, quota, 1.0).retry_after_s == 3.5
    assert parse_error(503, b"<html>", 7.0).retry_after_s == 7
    assert parse_error(400, b"", 7.0).retry_after_s is None


def test_the_upstreams_words_are_kept_for_the_log():
    assert parse_error(400, json.dumps(told("Why not.")).encode()).words == "Why not."
    assert parse_error(502, "<h1>Жаль</h1>".encode()).words == "<h1>Жаль</h1>"
    with pytest.raises(UpstreamError) as caught:
        parse_event('{"promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "No."}}')
    assert caught.value.words == "No."


def told(message):
    return {"error": {"code": 0, "message": message}}


@cases(
    ("status", "message", "reason"),
    [
        (403, "Your API key was reported as leaked. Please use another API key.", Reason.BAD_KEY),
        (403, "Consumer 'api_key:A' has been suspended.", Reason.BAD_KEY),
        (403, "Your project has been denied access.", Reason.BAD_KEY),
        (400, "API key expired. Please renew the API key.", Reason.BAD_KEY),
        (400, "API key not valid. Please pass a valid API key.", Reason.BAD_KEY),
        (400, "Invalid API key provided.", Reason.BAD_KEY),
        (403, "The caller does not have permission", Reason.PERMISSION),
        (429, "Your prepayment credits are depleted.", Reason.BILLING),
        (429, "Your credit balance is too low, no credits are left.", Reason.BILLING),
        (429, "Your project has exceeded its monthly spending cap.", Reason.BILLING),
        (403, "This API method requires billing to be enabled.", Reason.BILLING),
        (403, "Billing is disabled for this project.", Reason.BILLING),
        (402, "", Reason.BILLING),
        (
            429,
            "You exceeded your current quota, please check your plan and billing details.",
            Reason.QUOTA_MINUTE,
        ),
        (429, "Resource has been exhausted (e.g. check quota).", Reason.QUOTA_MINUTE),
        (503, "The API key's project is blocked by an overload", Reason.BUSY),
    ],
)
def test_what_only_words_tell_is_understood(status, message, reason):
    error = parse_error(status, json.dumps(told(message)).encode())
    assert error.reason is reason
    assert error.retryable == (reason in (Reason.QUOTA_MINUTE, Reason.BUSY))
    assert "project" not in str(error)


@cases(
    ("cause", "reason"),
    [
        ("API_KEY_SERVICE_BLOCKED", Reason.BAD_KEY),
        ("API_KEY_IP_ADDRESS_BLOCKED", Reason.BAD_KEY),
        ("CONSUMER_SUSPENDED", Reason.BAD_KEY),
        ("BILLING_DISABLED", Reason.BILLING),
        ("SERVICE_DISABLED", Reason.PERMISSION),
    ],
)
def test_a_cause_decides_before_the_status(cause, reason):
    error = parse_error(403, json.dumps(error_object(403, "", {"reason": cause})).encode())
    assert (error.reason, error.retryable) == (reason, False)
    assert cause in str(error)


def test_the_country_is_told_before_the_money():
    message = "The free tier is not available in your country. Please enable billing."
    body = {"error": {"message": message, "status": "FAILED_PRECONDITION"}}
    assert parse_error(400, json.dumps(body).encode()).reason is Reason.COUNTRY


def test_a_name_stands_for_its_status_where_there_is_none():
    with pytest.raises(UpstreamError) as caught:
        parse_event('{"error": {"status": "PERMISSION_DENIED"}}')
    assert caught.value.reason is Reason.PERMISSION


@cases("nothing", [None, {}, "", False])
def test_an_error_that_is_nothing_is_none(nothing):
    assert (
        parse_event(json.dumps({"error": nothing, **json.loads(event({"text": "a"}))})).text == "a"
    )


def test_an_error_object_inside_a_stream_is_raised():
    with pytest.raises(UpstreamError) as caught:
        parse_event(json.dumps(error_object(503, "UNAVAILABLE")))
    assert caught.value.reason is Reason.BUSY


@cases("body", [b"", b"\xff\xfe", b"[" * 9000, b'{"error": 5}', b'[{"error": []}]'])
def test_no_error_body_surprises_the_parser(body):
    assert parse_error(500, body).reason is Reason.UPSTREAM_ERROR
