"""A picture goes with a question from the phone, to the model and to the reader's page."""

import io
import logging
import re
from base64 import b64decode
from dataclasses import replace

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from harness.behaviours import answer, finished
from harness.waiting import eventually
from kindlechat.pictures.child import told_of
from kindlechat.pictures.cleaner import FORMATS, Cleaner
from kindlechat.web.conversation.turns import PREVIEW_BYTES
from kindlechat.web.pair import uploads
from kindlechat.web.request.forms import MAX_FILE_BYTES
from kindlechat.web.services import EXTENSION
from tests.apps import ON_BOTH_STORES, has
from tests.pairing.conftest import Phone, Reader, pair
from tests.pictures.made import JPEG, POLYGLOTS, REFUSED, quarters, saved

PAGE = saved(quarters(size=(400, 300)), "JPEG", quality=90)


@pytest.fixture(autouse=True)
def in_this_process(quick, app):
    """In a quick run no picture has a process of its own here; in test_cleaning.py they do."""
    if quick:
        cleaner = Cleaner(lambda file: told_of(whole(file)))
        replace(app.extensions[EXTENSION], cleaner=cleaner).register(app)


def whole(file):
    file.seek(0)
    return file.read()


def send(phone, message="What is it?", data=PAGE, name="Zirkonium.jpg", **more):
    return phone.send(message, picture=(io.BytesIO(data), name), **more)


def send_whole(phone, message, data):
    """The same for a large file, which the client would write to the disk."""
    fields = {
        "message": message,
        "token": re.search(r'name="token" value="(\w+)"', phone.page("/pair"))[1],
    }
    boundary, body = encode_multipart({**fields, "picture": FileStorage(io.BytesIO(data), "a.jpg")})
    kind = f"multipart/form-data; boundary={boundary}"
    return phone.client.post("/pair/ask", data=body, content_type=kind)


def asked(reader, address):
    """Where the reader's page leads to once the phone has asked."""
    led = reader.get(f"{address}?after=joined")
    address = led.headers["Location"]
    eventually(lambda: has(reader.page(address), "again"))
    return address


def shown(page):
    """The addresses of the pictures on a page."""
    return re.findall(r'<p><img src="([^"]+)"', page)


def pictures_sent(request):
    """The pictures in what the model was asked, by the number of the message."""
    return {
        number: b64decode(part["inlineData"]["data"])
        for number, content in enumerate(request.body["contents"])
        for part in content["parts"]
        if "inlineData" in part
    }


@ON_BOTH_STORES
def test_the_model_sees_it_and_the_reader_sees_it_small_and_grey(app, reader, phone, upstream):
    address = pair(reader, phone)
    told = send(phone, "What is this?")
    assert told.status_code == 303, told.text
    talk = asked(reader, address)
    (content,) = upstream.requests[-1].body["contents"]
    picture, question = content["parts"]
    assert picture["inlineData"]["mimeType"] == "image/jpeg"
    assert question == {"text": "What is this?"}
    seen = Image.open(io.BytesIO(b64decode(picture["inlineData"]["data"])))
    assert (seen.format, seen.size) == ("JPEG", (400, 300))
    page = reader.page(talk)
    (source,) = shown(page)
    assert 'width="160" height="120" alt="[picture]"' in page
    got = reader.get(source)
    assert got.mimetype == "image/jpeg"
    assert got.headers["Cache-Control"].startswith("private")
    assert len(got.data) <= PREVIEW_BYTES
    small = Image.open(io.BytesIO(got.data))
    assert (small.size, small.mode) == ((160, 120), "L")
    send(phone, "And what is behind it?", b"", "")
    eventually(lambda: len(upstream.requests[-1].body["contents"]) == 3)
    assert list(pictures_sent(upstream.requests[-1])) == [0], "it is needed to go on"


def test_what_broke_off_is_continued_with_its_picture(reader, phone, upstream):
    upstream.script(finished("MAX_TOKENS"), answer("wer."))
    address = pair(reader, phone)
    send(phone)
    talk = asked(reader, address).partition("?")[0]
    told = reader.client.post(f"{talk}/continue", headers={"Origin": "http://localhost"})
    assert told.status_code == 303
    eventually(
        lambda: "broke off" in upstream.requests[-1].body["contents"][-1]["parts"][-1]["text"]
    )
    one, two = map(pictures_sent, upstream.requests[-2:])
    assert one == two != {}


def test_it_is_asked_again_edited_and_branched_with_its_picture(reader, phone, upstream):
    address = pair(reader, phone)
    send(phone)
    talk = asked(reader, address).partition("?")[0]
    for action, more in (
        ("again", {}),
        ("edit", {"message": "And now?"}),
        ("branch", {"turn": "1", "message": "In a talk of its own?"}),
    ):
        count = len(upstream.requests)
        page = reader.page(f"{talk}/branch?turn=1" if action == "branch" else talk)
        told = reader.client.post(
            f"{talk}/{action}", data=more, headers={"Origin": "http://localhost"}
        )
        assert told.status_code == 303, (action, page, told.text)
        eventually(lambda count=count: len(upstream.requests) > count)
        assert list(pictures_sent(upstream.requests[-1])) == [0], action
        eventually(lambda told=told: has(reader.page(told.headers["Location"]), "again"))
        assert len(shown(reader.page(told.headers["Location"]))) == 1, action


def test_who_may_read_sees_it_and_nobody_else(app, reader, phone):
    address = pair(reader, phone)
    send(phone)
    talk = asked(reader, address).partition("?")[0]
    (source,) = shown(reader.page(talk))
    stranger = Reader(app)
    other = stranger.ask("Mine?")
    assert stranger.get(source).status_code == 200, "as the page itself"
    name = source.rpartition("/")[2]
    for wrong in (f"{other}/picture/{name}", f"/c/x/picture/{name}", source[:-5] + "0.jpg"):
        assert stranger.get(wrong).status_code == 404
    key = talk.rpartition("/")[2]
    assert key not in source, "a device may keep the address, so it lets only read"
    reader.press(reader.page(f"{talk}/about"), f"{talk}/share")
    link = re.search(r"/s/[\w-]+", reader.page(f"{talk}/about"))[0]
    (public,) = shown(stranger.page(link))
    assert public.startswith(link)
    assert stranger.get(public).status_code == 200
    reader.press(reader.page(f"{talk}/about"), f"{talk}/withdraw")
    assert stranger.get(public).status_code == 404
    reader.press(reader.page(f"{talk}/delete"), f"{talk}/delete")
    assert reader.get(source).status_code == 404


def test_forget_me_leaves_none(app, reader, phone):
    address = pair(reader, phone)
    send(phone)
    (source,) = shown(reader.page(asked(reader, address)))
    _, _, talk, _, name = source.split("/")
    reader.press(reader.page("/me/forget"), "/me/forget")
    assert app.store.pictures(talk, [name.removesuffix(".jpg")]) == {}
    assert reader.get(source).status_code == 404


def test_page_view_and_files_say_it_in_words(reader, phone):
    address = pair(reader, phone)
    send(phone, "What is this?")
    talk = asked(reader, address).partition("?")[0]
    (source,) = shown(reader.page(talk))
    reader.client.set_cookie("reading", "")
    reader.client.post("/settings", data={"view": "pages"}, headers={"Origin": "http://localhost"})
    screen = reader.page(talk)
    assert re.search(rf'<a href="{source}">\[picture\]</a>', screen), screen
    for ending in ("txt", "md", "html"):
        text = reader.get(f"{talk}.{ending}").text
        assert re.search(r"What is this\?\W+(?:br/?)?\W*picture\\?\]", text), text
    assert reader.get(f"{talk}.epub").status_code == 200


def test_nothing_has_to_be_typed(reader, phone):
    address = pair(reader, phone)
    assert send(phone, "").status_code == 303
    assert "What does this picture show?" in reader.page(asked(reader, address))
    assert send(phone, "", b"", "").status_code == 400, "but one of both"


class TestRefused:
    @pytest.fixture(autouse=True)
    def paired(self, reader, phone):
        self.address = pair(reader, phone)

    @pytest.mark.parametrize(
        "name", ["GIF", "a JPEG that is cut", "1 × 30,000", "a claim of 4 billion"]
    )
    def test_with_a_clear_sentence_and_nothing_lost(self, name, app, reader, phone):
        fault, make = REFUSED[name]
        told = send(phone, "Kept?", make(), new="1")
        assert told.status_code == 400
        sentence = app.extensions["kindlechat"].templates.localized("en").sentence
        assert sentence(f"error.picture_{fault}") in told.text
        assert "Kept?" in told.text
        assert " checked>" in told.text
        assert reader.get(f"{self.address}?after=joined").status_code == 200, "nothing was asked"

    def test_in_the_language_of_the_page(self, phone):
        page = phone.page("/ru/pair")
        told = phone.press(
            page, "/ru/pair/ask", message="Почему?", picture=(io.BytesIO(b"GIF89a"), "a.jpg")
        )
        assert "Этот файл — не снимок" in told.text

    def test_by_what_it_is_and_not_by_its_name(self, phone):
        assert send(phone, data=b"<p>", name="a.jpg").status_code == 400
        assert send(phone, data=PAGE, name="../../a.html").status_code == 303

    def test_one_of_more_than_8_mb_and_what_was_typed_is_kept(self, phone):
        told = send_whole(phone, "Kept?", JPEG + bytes(MAX_FILE_BYTES))
        assert told.status_code == 413
        assert "more than 8 MB" in told.text
        assert "Kept?" in told.text
        most = JPEG + bytes(MAX_FILE_BYTES - len(JPEG))
        assert send_whole(phone, "Why?", most).status_code == 303

    def test_one_that_no_patience_would_do_for(self, phone, monkeypatch):
        monkeypatch.setattr(uploads, "MAX_UPLOAD_BYTES", 300_000)
        told = send(phone, "Why?", bytes(400_000))
        assert told.status_code == 413
        assert has(told.text, "notice")

    def test_too_many_an_hour(self, phone, monkeypatch):
        monkeypatch.setattr(uploads, "PICTURES", uploads.parse_rate_limits("2/hour"))
        told = [send(phone, f"{n}?", b"no picture").status_code for n in range(3)]
        assert told == [400, 400, 429]
        assert send(phone, "Without one?", b"", "").status_code == 303

    def test_what_is_no_form_with_files_may_not_be_as_large(self, phone):
        for kind in ("application/x-www-form-urlencoded", "text/plain", ""):
            told = phone.client.post("/pair/ask", data=bytes(200_000), content_type=kind)
            assert told.status_code == 413, kind

    def test_elsewhere_no_body_is_as_large(self, app):
        for address in ("/ask", "/pair", "/pair/end", "/passcode"):
            told = Phone(app).client.post(
                address, data={"message": "Why?", "picture": (io.BytesIO(bytes(200_000)), "a.jpg")}
            )
            assert told.status_code == 413, address
        told = Phone(app).client.post(
            "/pair/ask", data={"picture": (io.BytesIO(bytes(200_000)), "a.jpg")}
        )
        assert told.status_code == 403, "nothing is read of one that is not paired"


def test_of_a_file_that_is_something_else_too_its_pixels_are_sent(reader, phone, upstream):
    address = pair(reader, phone)
    assert send(phone, data=POLYGLOTS["a page in Exif"]()).status_code == 303
    asked(reader, address)
    (sent,) = pictures_sent(upstream.requests[-1]).values()
    assert b"Zirkonium" not in sent


def test_pressed_twice_it_is_asked_once_and_another_picture_is_another_question(app, reader, phone):
    address = pair(reader, phone)
    page = phone.page("/pair")
    other = saved(quarters(size=(300, 400)), "PNG")
    for data in (PAGE, PAGE, other):
        told = phone.press(page, "/pair/ask", message="Twice?", picture=(io.BytesIO(data), "a.jpg"))
        assert told.status_code == 303
    assert len(shown(reader.page(asked(reader, address)))) == 2


def test_no_log_has_a_picture_or_its_name(open_app, caplog):
    caplog.set_level(logging.DEBUG)
    app = open_app(KINDLECHAT_LOG_REQUESTS="on")
    reader, phone = Reader(app), Phone(app)
    address = pair(reader, phone)
    send(phone, "A private question?")
    send(phone, "A private one?", REFUSED["a JPEG that is cut"][1]())
    reader.get(shown(reader.page(asked(reader, address)))[0])
    logged = "\n".join(f"{each.getMessage()} {vars(each)}" for each in caplog.records)
    assert "picture_broken" in logged
    for secret in ("Zirkonium", "private", "/9j/", "\\xff\\xd8"):
        assert secret not in logged


def test_the_phones_page_offers_it_and_the_readers_pages_do_not(reader, phone):
    address = pair(reader, phone)
    page = phone.page("/pair")
    accepted = re.search(
        r'<input id="picture" class="box" type="file" name="picture" accept="([^"]+)"', page
    )
    assert set(FORMATS) <= set(accepted[1].split(","))
    for own in ("/", address, reader.ask()):
        assert 'type="file"' not in reader.page(own)
