"""What mails look like, whatever is put into them, and which addresses and servers there are."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindlechat.export.names import NAME_CHARS
from kindlechat.mail.addresses import is_kindle, mail_address
from kindlechat.mail.message import MOST_NAME_CHARS, MOST_SUBJECT_CHARS, POLICY, Attachment, compose
from kindlechat.mail.server import Security, SmtpServer, smtp_server
from tests.cases import cases

LONGEST = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 58}.de"


def mail(**about):
    values = {
        "sender": "chat@kindlechat.example",
        "sender_name": "Kindlechat",
        "recipient": "reader@mail.example",
        "subject": "Why?",
        "text": "So.",
        "written": datetime(2026, 11, 26, tzinfo=UTC),
        "message_id": "one",
    }
    return compose(**values | about)


def sent(message):
    data = message.as_bytes(policy=POLICY)
    return data, message_from_bytes(data, policy=SMTP)


@cases("sign", ["\r\n", "\n", "\r", "\0", "\u2028", "\x85", "\x0b"])
def test_no_subject_makes_a_header(sign):
    data, got = sent(mail(subject=f"Why?{sign}Bcc: evil@mail.example", sender_name=f"A{sign}B: c"))
    assert got["Bcc"] is None
    assert got["B"] is None
    assert got["Subject"].startswith("Why?")
    assert b"\r\nBcc" not in data


@cases("end", ["\r\nBcc: evil@mail.example", "\n", "\0", ",x@y.de", ">"])
def test_no_address_or_name_makes_a_header(end):
    with pytest.raises(ValueError, match=r".+"):
        mail(recipient=f"reader@mail.example{end}")
    with pytest.raises(ValueError, match=r".+"):
        mail_address(f"reader@mail.example{end}x")
    with pytest.raises(ValueError, match="short name"):
        mail(attachments=[Attachment("a\r\nb.txt", "text/plain", b"")])


def test_all_lines_are_short_and_in_ascii_and_nothing_is_lost():
    subject = "Почему небо голубое, а закат красный, и что об этом писал Леонардо?"
    name = "a" * (MOST_NAME_CHARS - 5) + ".epub"
    book = Attachment(name, "application/epub+zip", b"\xff" * 5000)
    message = mail(
        recipient=LONGEST,
        subject=subject,
        text="длинно " * 500,
        message_id="x" * 22,
        attachments=[book],
    )
    data, got = sent(message)
    assert data.isascii()
    lines = [line for line in data.splitlines() if LONGEST.encode() not in line]
    assert max(map(len, lines)) <= 78
    assert got["To"] == LONGEST
    assert got["Subject"] == subject
    (file,) = got.iter_attachments()
    assert f'filename="{name}"'.encode() in data, "in one piece, as devices read it"
    assert file.get_filename() == name


@given(
    st.lists(
        st.text("abcxyz=?_(),:", min_size=1, max_size=14)
        | st.text("абвгдеж", min_size=1, max_size=14)
        | st.text("ابتثجحخد", min_size=1, max_size=14)
        | st.text("汉字你好नमस्ते🙂", min_size=1, max_size=14),
        min_size=1,
        max_size=18,
    )
)
def test_subjects_arrive_to_the_sign_in_short_lines(words):
    subject = " ".join(words)[:MOST_SUBJECT_CHARS].strip()
    data, got = sent(mail(subject=subject))
    assert got["Subject"] == subject
    head, _, _ = data.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert all(line.strip() for line in head.split(b"\r\n")), "no line of a header is empty"


def test_no_blank_of_a_subject_is_lost():
    subject = "لماذا لا ينقطع الجواب: قصة طويلة جدًا جدًا عن القراءة على أجهزة قديمة"
    subject += " وعن الشبكات التي تنقطع كل دقيقة وعن الصبر"
    assert sent(mail(subject=subject))[1]["Subject"] == subject


def test_the_headers_of_a_list_are_whole_on_the_wire():
    link = f"<https://chat.example.org/{'long-' * 30}>"
    data, got = sent(mail(headers={"List-Unsubscribe": link}))
    assert f"\r\nList-Unsubscribe: {link}\r\n".encode() in data
    assert got["Auto-Submitted"] is None
    with pytest.raises(ValueError, match="linefeed"):
        mail(headers={"List-Id": "a\r\nBcc: evil@mail.example"})


def test_html_is_the_last_alternative():
    _, got = sent(mail(text="Почему?", html="<p>Почему?</p>"))
    assert got.get_content_type() == "multipart/alternative"
    plain, html = got.iter_parts()
    assert (plain.get_content_type(), plain.get_content()) == ("text/plain", "Почему?\r\n")
    assert (html.get_content_type(), html.get_content()) == ("text/html", "<p>Почему?</p>\r\n")


def test_the_names_of_saved_files_fit():
    assert NAME_CHARS + len(".epub") <= MOST_NAME_CHARS
    with pytest.raises(ValueError, match="short name"):
        mail(attachments=[Attachment("a" * (MOST_NAME_CHARS + 1), "text/plain", b"")])


@cases(
    ("given", "address"),
    [
        (" reader@Mail.Example ", "reader@mail.example"),
        ("A.b+c@x-y.de", "A.b+c@x-y.de"),
        ("me_12@kindle.com", "me_12@kindle.com"),
        (LONGEST, LONGEST),
    ],
)
def test_addresses_are_known(given, address):
    assert mail_address(given) == address


@cases(
    "given",
    [
        *(
            "",
            "reader",
            "@mail.example",
            "reader@",
            "a@b",
            "a@@b.de",
            "a b@c.de",
            "a@b..de",
            "a@-b.de",
        ),
        *(".a@b.de", "a.@b.de", "a..b@c.de", '"a b"@c.de', "a@[127.0.0.1]", "ä@b.de", "a@b.de\n"),
        *("<a@b.de>", "a@b.1", f"{'a' * 65}@b.de", "a" + LONGEST[1:] + "x", "a@b.de,c@d.de"),
    ],
)
def test_what_is_no_address_is_refused(given):
    with pytest.raises(ValueError, match="a mail address"):
        mail_address(given)


def test_addresses_of_kindles_are_told_apart():
    assert is_kindle("me@kindle.com")
    assert is_kindle("me@free.kindle.com")
    assert not is_kindle("me@notkindle.com")
    assert not is_kindle("kindle.com@mail.example")


@cases(
    ("address", "server"),
    [
        ("smtps://mail.example", SmtpServer("mail.example", 465, Security.TLS)),
        ("smtp://mail.example", SmtpServer("mail.example", 587, Security.STARTTLS)),
        ("smtp://mail.example:25/", SmtpServer("mail.example", 25, Security.STARTTLS)),
        ("smtp://localhost", SmtpServer("localhost", 25, Security.NONE)),
        ("smtp://127.0.0.2:1025", SmtpServer("127.0.0.2", 1025, Security.NONE)),
        ("smtp://[::1]", SmtpServer("::1", 25, Security.NONE)),
        ("smtps://localhost", SmtpServer("localhost", 465, Security.TLS)),
        (
            "smtps://me%40x.de:p%2Fw@mail.example",
            SmtpServer("mail.example", 465, Security.TLS, "me@x.de", "p/w"),
        ),
    ],
)
def test_a_server_off_this_machine_is_never_spoken_to_in_the_open(address, server):
    assert smtp_server(address) == server
    assert "p/w" not in repr(smtp_server(address))
