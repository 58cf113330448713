"""Word mode: an answer whose words lead to their meanings, and the list of those that a reader looked up."""

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.actions.meaning import ask_meaning
from kindlechat.export.language import language_of
from kindlechat.relay.lookups import LookedUpText
from kindlechat.rendering.answer.words import WordInSentence
from kindlechat.rendering.device.dressing import with_code
from kindlechat.reply import Reply
from kindlechat.stores.contract import LookedUp
from kindlechat.web import gate
from kindlechat.web.access import (
    Access,
    access_to_change,
    is_owner,
    name_to_write,
    outline_to_write,
)
from kindlechat.web.conversation.turns import REFRESH_S
from kindlechat.web.conversation.word_pages import WordPages, page_with, shown
from kindlechat.web.middleware.language import current_language
from kindlechat.web.middleware.security import comes_from_here
from kindlechat.web.reader.current import current_reader
from kindlechat.web.reader.identity import current_owner_hash
from kindlechat.web.reader.settings import carried_code
from kindlechat.web.refusal import Refusal
from kindlechat.web.request.shown_version import with_version
from kindlechat.web.request.validation import number_asked
from kindlechat.web.responses import NOT_STORED, html_page
from kindlechat.web.services import current_templates, services

MOST_WORDS = 500
"""On the list; the file for Anki has MOST_SAVED."""

MOST_SAVED = 10_000

MOST_PAGES = 99_999
MOST_NUMBERED = 999_999
"""Pages of an answer, and its words: no answer has as many."""

TSV_HEAD = "#separator:tab\n#html:false\n#columns:Word\tSentence\tMeaning\tLanguage\n"
"""What Anki reads at the beginning of a file (its manual, "Text Files")."""

words = Blueprint("words", __name__)


@words.get("/c/<name>/words")
def read(name: str) -> Response:
    """A page of an answer on which every word is a link."""
    access = access_to_change(name)
    reply, query = _answer(access)
    pages = WordPages(services().live_answers, current_reader(access)).cut(reply, query)
    page = min(number_asked("page", MOST_PAGES), len(pages))
    return html_page(
        current_templates().render(
            "words.html",
            here=_address(access, "words", query, "page="),
            back=f"/c/{access.name}" + (f"?{query}" if query else ""),
            nodes=shown(pages[page - 1]),
            page=page,
            pages=len(pages),
        )
    )


@words.get("/c/<name>/word")
def look_up(name: str) -> BaseResponse:
    """What a word means in its sentence: from the vocabulary, or asked of the model now."""
    access = access_to_change(name)
    reply, query = _answer(access)
    pages = WordPages(services().live_answers, current_reader(access))
    number = number_asked("n", MOST_NUMBERED, default=0)
    word = pages.word(reply, number)
    if word is None:
        raise Refusal(404, "not_found")
    page = page_with(pages.cut(reply, query), number)
    text_page = _address(access, "words", query, f"page={page}")
    if not _may_ask(access):
        root = current_language().root
        return redirect(with_code(root + text_page, carried_code()), 303)
    known = services().store.word(access.outline.id, _key(reply, number))
    reason, meaning = "", known.meaning if known else ""
    if not known:
        gate.check_allowed()
        found = _ask(access, reply, number, word)
        meaning = found.text if found else ""
        if found and found.reason:
            reason = current_templates().sentence(f"reason.{found.reason}")
    waits = not (meaning or reason)
    return html_page(
        current_templates().render(
            "word.html",
            word=word,
            meaning=meaning,
            reason=reason,
            again=_address(access, "word", query, f"n={number}"),
            refresh_s=REFRESH_S if waits else 0,
            back=text_page,
            conversation=access.name,
            vocabulary=_list_of(access),
            key=_key(reply, number) if meaning else "",
        )
    )


@words.post("/c/<name>/forget-word")
def forget(name: str) -> BaseResponse:
    """Take a word off the list."""
    gate.check_allowed()
    outline = outline_to_write(name)
    services().store.forget_word(outline.id, request.form.get("key", ""))
    if is_owner(outline.rights):
        return redirect(url_for("words.listed"), 303)
    return redirect(url_for("words.listed_of", name=name_to_write(outline.id)), 303)


@words.get("/conversations/words")
def listed() -> Response:
    """The words that the reader looked up, the last one first; it prints well."""
    return _list(
        services().store.vocabulary(current_owner_hash(), MOST_WORDS), "/conversations/words"
    )


@words.get("/conversations/words.tsv")
def save() -> Response:
    """All of them as a file that Anki imports."""
    return _file(services().store.vocabulary(current_owner_hash(), MOST_SAVED))


@words.get("/c/<name>/vocabulary")
def listed_of(name: str) -> Response:
    """The words that were looked up in one conversation: all that a browser without cookies can ask for."""
    access = access_to_change(name)
    return _list(services().store.words_of(access.outline.id), f"/c/{access.name}/vocabulary")


@words.get("/c/<name>/vocabulary.tsv")
def save_of(name: str) -> Response:
    """These as a file."""
    return _file(services().store.words_of(access_to_change(name).outline.id))


def _list(found: list[LookedUp], address: str) -> Response:
    return html_page(
        current_templates().render("vocabulary.html", words=found[:MOST_WORDS], address=address)
    )


def _file(found: list[LookedUp]) -> Response:
    lines = (
        "\t".join(map(_field, (each.word, each.sentence, each.meaning, each.language)))
        for each in found
    )
    text = TSV_HEAD + "".join(f"{line}\n" for line in lines)
    response = Response(text, headers=NOT_STORED, mimetype="text/tab-separated-values")
    response.headers["Content-Disposition"] = 'attachment; filename="words.tsv"'
    return response


def _list_of(access: Access) -> str:
    """Where the reader finds what was looked up: all of it, or that of this conversation."""
    own = is_owner(access.outline.rights)
    return "/conversations/words" if own else f"/c/{access.name}/vocabulary"


def _ask(access: Access, reply: Reply, number: int, word: WordInSentence) -> LookedUpText | None:
    """What the model says of a word; None where that takes longer than a page waits."""
    language, key, store = current_language(), _key(reply, number), services().store
    written_in = language_of(word.sentence, language.code)

    def keep(meaning: str) -> None:
        store.keep_word(
            LookedUp(access.outline.id, key, word.word, word.sentence, meaning, written_in)
        )

    return services().relay.look_up(
        (access.outline.id, key),
        ask_meaning(word.before, word.word, word.after, language.english_name),
        language.english_name,
        keep,
        quotas=gate.question_quotas(),
        wait_s=services().timings.page_wait_s,
    )


def _may_ask(access: Access) -> bool:
    """Whether a word may be looked up, which costs money: not where another site's page may have made the
    browser ask. Links on pages of ours address the write key, which no other site knows."""
    from_here = comes_from_here()
    return from_here is not False and (from_here is True or not access.owned)


def _answer(access: Access) -> tuple[Reply, str]:
    """The answer that the address names, and what of an address names it."""
    outline = access.outline
    total = len(outline.replies)
    number = number_asked("turn", total, default=total)
    turn = outline.replies[number - 1]
    version = number_asked("version", len(turn.versions) or 1, default=turn.version)
    shown_turn = with_version(outline, number, version).replies[number - 1]
    reply = services().store.reply(shown_turn.id)
    if reply is None or not reply.state.ended:
        raise Refusal(404, "unknown_reply")
    query = [f"turn={number}"] if number < total else []
    query += [] if shown_turn.current else [f"version={version}"]
    return reply, "&".join(query)


def _address(access: Access, page: str, *queries: str) -> str:
    """That of a page of an answer's words."""
    return f"/c/{access.name}/{page}?{'&'.join(filter(None, queries))}"


def _key(reply: Reply, number: int) -> str:
    """The name of a word in its conversation."""
    return f"{reply.id}.{number}"


def _field(text: str) -> str:
    """A text as a field of the file: in one line, without tabs."""
    return " ".join(text.split())
