"""The demonstration upstream: Gemini's wire format over real HTTP, read by three clients."""

import itertools
import json
from base64 import b64decode, b64encode, urlsafe_b64decode

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from harness.servers import ROOT
from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.ui.languages import load_sentences
from kindlechat.reply import Message
from kindlechat.upstream.client import Text, UpstreamClient
from kindlechat.upstream.demo import (
    MODEL,
    BadRequest,
    answer_to,
    create_demo,
    demo_answer,
    encode_event,
    events,
    serve_demo,
    split_pieces,
)
from kindlechat.upstream.gemini import Gemini, Generation, build_request
from kindlechat.upstream.prompts import CONTINUE_INSTRUCTION
from kindlechat.upstream.wire import Finished
from tests.cases import cases
from tests.pictures.made import quarters, saved

LANGUAGES = {
    sentences.language.english_name: sentences
    for sentences in load_sentences(ROOT / "site/translations").values()
}
ENGLISH = LANGUAGES["English"]
QUESTION = "Why is *the sky* blue? Почему?"


@pytest.fixture(scope="module")
def base_url():
    server = serve_demo(create_demo(LANGUAGES, silent_start_s=0, words_per_s=100_000))
    yield f"http://127.0.0.1:{server.server_port}"
    server.stop(timeout=1)


def ask(base_url, *texts):
    contents = [
        {"role": ("user", "model")[n % 2], "parts": [{"text": text}]}
        for n, text in enumerate(texts)
    ]
    url = f"{base_url}/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
    return requests.post(url, json={"contents": contents}, timeout=10)


def test_the_wire_is_geminis(base_url):
    response = ask(base_url, QUESTION)
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Transfer-Encoding"] == "chunked"
    blocks = response.content.split(b"\r\n\r\n")
    assert blocks.pop() == b""
    assert all(block.startswith(b"data: ") and b"\n" not in block for block in blocks)
    responses = [json.loads(block[6:]) for block in blocks]
    parts = [part for each in responses for part in each["candidates"][0]["content"]["parts"]]
    assert any(part.get("thought") for part in parts)
    assert any(len(each["candidates"][0]["content"]["parts"]) > 1 for each in responses)
    assert "".join(p["text"] for p in parts if not p.get("thought")) == demo_answer(
        ENGLISH, QUESTION
    )
    totals = [each["usageMetadata"]["totalTokenCount"] for each in responses]
    assert totals == sorted(totals)
    finishes = [each["candidates"][0].get("finishReason") for each in responses]
    assert finishes == [None] * (len(responses) - 1) + ["STOP"]


@pytest.mark.long
def test_the_official_sdk_and_our_client_read_the_same_text(base_url):
    """The oracle: what google-genai makes of the stream is what we make of it."""
    from google import genai  # here, as it takes a second and every worker imports every file
    from google.genai import types

    sdk = genai.Client(api_key="none", http_options=types.HttpOptions(base_url=base_url))
    stream = sdk.models.generate_content_stream(model=MODEL, contents=QUESTION)
    theirs = "".join(chunk.text or "" for chunk in stream)
    client = UpstreamClient(Gemini(base_url, MODEL, "none", Generation()))
    *texts, end = client.stream([Message("user", QUESTION)])
    assert end == Finished(cut=False)
    assert all(isinstance(text, Text) for text in texts)
    assert "".join(text.text for text in texts) == theirs == demo_answer(ENGLISH, QUESTION)


def test_it_remembers_how_many_questions_came_before():
    assert "1 question came" in demo_answer(ENGLISH, "c", 1)
    assert "2 questions came" in demo_answer(ENGLISH, "e", 2)
    assert "2 вопроса" in demo_answer(LANGUAGES["Russian"], "e", 2)


def test_it_says_how_to_set_a_key():
    assert "GEMINI_API_KEY" in demo_answer(ENGLISH, "?")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_answers_in_the_language_that_the_model_is_asked_for(base_url, language):
    client = UpstreamClient(Gemini(base_url, MODEL, "none", Generation()))

    def said(*texts):
        roles = itertools.cycle(["user", "model"])
        *texts, _ = client.stream(list(map(Message, roles, texts)), language)
        return "".join(text.text for text in texts)

    say = LANGUAGES[language]
    assert said("?", "!", QUESTION) == demo_answer(say, QUESTION, 1)
    assert said("?", "!", CONTINUE_INSTRUCTION).strip() == say("demo.continued")
    assert (say("demo.continued") == ENGLISH("demo.continued")) == (language == "English")


@cases("language", LANGUAGES)
def test_a_real_answers_parts_are_all_there(language):
    html = Growing().html(demo_answer(LANGUAGES[language], QUESTION), ended=True)
    for tag in ("h2", "ol", "table", "pre", "strong", "em", "code"):
        assert f"<{tag}>" in html or f'<{tag} dir="rtl">' in html
    assert "Привет" in html
    assert "déjà" in html


@given(st.text(max_size=300))
def test_no_question_breaks_out_of_its_quotation(question):
    html = Growing().html(demo_answer(ENGLISH, question), ended=True)
    assert html.count("<h2>") == 2
    assert html.count("<a ") == 0
    assert html.startswith("<p>This is the <strong>built-in demonstration</strong>. No model was")


@given(st.text())
def test_pieces_joined_are_the_text(text):
    if text.strip():
        assert "".join(split_pieces(text)) == text


def test_it_says_what_picture_it_got():
    data = saved(quarters(size=(120, 90)), "JPEG")
    said = answer_to(with_picture("image/jpeg", b64encode(data).decode()), LANGUAGES)
    assert said.startswith(f"The demonstration got a picture: JPEG, 120 × 90, {len(data):,} bytes.")
    assert "What is this?" in said.replace("\\", "")


@pytest.mark.long
def test_the_official_sdk_sends_a_picture_as_we_do():
    from google.genai import types

    data = saved(quarters(size=(120, 90)), "JPEG")
    ours = build_request([Message("user", "What is this?", data)], Generation())["contents"]
    parts = [
        types.Part.from_bytes(data=data, mime_type="image/jpeg"),
        types.Part(text="What is this?"),
    ]
    theirs = types.Content(role="user", parts=parts).model_dump(
        mode="json", exclude_none=True, by_alias=True
    )
    blob = theirs["parts"][0]["inlineData"]
    assert urlsafe_b64decode(blob.pop("data")) == b64decode(
        ours[0]["parts"][0]["inlineData"].pop("data")
    )
    assert ours == [theirs]


@cases(
    ("kind", "data"),
    [("image/gif", "R0lG"), ("image/jpeg", "R0lG"), ("image/jpeg", "data:image/jpeg;base64,/9j/")],
)
def test_what_gemini_would_not_take_for_a_picture_is_refused(kind, data):
    with pytest.raises(BadRequest):
        answer_to(with_picture(kind, data), LANGUAGES)


def with_picture(kind, data):
    parts = [{"inlineData": {"mimeType": kind, "data": data}}, {"text": "What is this?"}]
    return {"contents": [{"role": "user", "parts": parts}]}


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"contents": []}', '{"contents": [{"role": "user"}]}']
)
def test_a_malformed_request_is_refused_in_geminis_shape(base_url, body):
    url = f"{base_url}/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
    response = requests.post(url, data=body, timeout=10)
    assert response.status_code == 400
    assert response.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_other_addresses_are_not_found(base_url):
    response = requests.get(f"{base_url}/v1/none", timeout=10)
    assert response.json()["error"]["code"] == 404
    assert requests.get(f"{base_url}/v1beta/models", timeout=10).json()["models"]


def test_an_event_is_one_line_of_raw_utf_8():
    data = encode_event(next(iter(events(["ж\n"]))))
    assert data.count(b"\n") == 2
