"""Long answers: what a request said is let go once its answer has begun."""

from kindlechat.web.middleware.long_answers import LongAnswers


def ask(path):
    """The environment of a request after its answer has begun."""
    environ = {
        "PATH_INFO": path,
        "REQUEST_METHOD": "GET",
        "RAW_URI": path,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.file_wrapper": list,
        "HTTP_COOKIE": "of the reader",
    }
    asked = []

    def application(environ, start_response):
        asked.append(environ["HTTP_COOKIE"])
        return [b"answer"]

    assert LongAnswers(application)(environ, None) == [b"answer"]
    assert asked == ["of the reader"]
    return environ


def test_a_long_answer_holds_only_what_the_server_still_asks():
    assert sorted(ask("/api/chat")) == [
        "RAW_URI",
        "REQUEST_METHOD",
        "SERVER_PROTOCOL",
        "wsgi.file_wrapper",
    ]


def test_of_any_other_request_all_stays():
    assert ask("/api/replies/x")["HTTP_COOKIE"] == "of the reader"
