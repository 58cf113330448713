"""What a page of a conversation holds, and what it weighs."""

import re
from pathlib import Path

import pytest

from harness.conversations import excerpt_of
from harness.servers import ASSETS, ROOT
from kindlechat.errors import ENDED_BY_MODEL, Reason
from kindlechat.rendering.device.devices import Screen
from kindlechat.rendering.device.faces import NOTO
from kindlechat.rendering.device.reading import Reading, View
from kindlechat.rendering.ui.templates import Templates
from kindlechat.reply import Reply, State
from kindlechat.upstream.gemini import ABNORMAL_ENDS
from kindlechat.web.conversation.furniture import ROW_EM, Furniture
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.outside_links import OutsideLinks
from kindlechat.web.conversation.page import ConversationPage
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.conversation.screens import ConversationScreens, screen_at
from kindlechat.web.conversation.turns import status_line
from tests.cases import cases

PAGE_BYTES = 30_000
FURNITURE = len(ASSETS["style.css"].data)

FIXTURE = (Path(__file__).parent / "fixtures/answer.md").read_text()
RUSSIAN = (
    "Небо синее: воздух рассеивает короткие волны сильнее длинных, а вечером путь длиннее.\n\n"
)
TABLE = "| Colour | Wavelength |\n|---|---|\n" + "| Blue | 450 |\n" * 800


@pytest.fixture(scope="session")
def templates():
    return Templates.load(ROOT / "site", demo=True).localized()


@pytest.fixture(scope="session")
def every_language():
    loaded = Templates.load(ROOT / "site", demo=True)
    return [loaded.localized(language.code) for language in loaded.languages]


def reader(templates, *, may_write=True, **settings):
    return Reader(
        templates=templates,
        reading=Reading(**settings),
        carried="",
        outside_links=OutsideLinks("/out", lambda address: "s" * 16),
        conversation="c",
        shared="shared",
        may_write=may_write,
    )


def page_view(templates, answers=None, **settings):
    return ConversationPage(answers or LiveAnswers(), reader(templates, **settings))


def screen_view(templates, answers=None, **settings):
    return ConversationScreens(answers or LiveAnswers(), reader(templates, **settings))


def talk(*texts, question="Почему небо синее, а вечером красное? " * 3, state=State.DONE):
    replies = (Reply(f"r{n}", "c", question, text, state, None) for n, text in enumerate(texts))
    return excerpt_of(*replies)


def words(html):
    return re.findall(r"word\d+", re.sub("<[^>]*>", "", html))


LONG = {"words": "a " * 20_000, "fixture": FIXTURE * 16, "table": TABLE, "Russian": RUSSIAN * 300}


@cases("name", LONG, quick_stride=2)
def test_each_part_of_a_long_answer_is_light(templates, name):
    seen, found = screen_view(templates), talk(LONG[name])
    screens = seen.cut(found, 1)
    assert len(screens) > 1
    pages = [seen.render(found, 1, screens, shown) for shown in range(1, len(screens) + 1)]
    assert max(len(page.encode()) for page in pages) + FURNITURE <= PAGE_BYTES


def test_a_long_answer_is_all_there_in_parts(templates):
    text = " ".join(f"**word{n}**" for n in range(4000))
    seen, found = screen_view(templates), talk(text)
    screens = seen.cut(found, 1)
    parts = [seen.render(found, 1, screens, shown) for shown in range(1, len(screens) + 1)]
    assert [word for part in parts for word in words(part.partition('id="answer"')[2])] == [
        f"word{n}" for n in range(4000)
    ]


def test_an_answer_of_usual_length_is_one_page(templates):
    assert screen_view(templates).cut(talk(FIXTURE * 8), 1) == []
    assert screen_view(templates, view=View.PAGES).cut(talk("Short."), 1)


@cases(
    "texts",
    [[RUSSIAN * 8] * 150, [TABLE, "Short."], ["a "] * 150],
    ids=["long turns", "a table", "short turns"],
    quick_stride=3,
)
def test_a_long_conversation_is_light(templates, texts):
    found, answers = talk(*texts), LiveAnswers()
    for number in (len(texts), len(texts) // 2, 1):
        in_parts = bool(screen_view(templates, answers).cut(found, number))
        page = page_view(templates, answers).render(found, number, asking=in_parts)
        assert len(page.encode()) + FURNITURE <= PAGE_BYTES


def test_every_turn_of_a_long_conversation_can_be_found(templates):
    found, answers = talk(*["Short. " * 100] * 150), LiveAnswers()
    seen, todo = set(), {150}
    while todo:
        number = todo.pop()
        seen.add(number)
        page = page_view(templates, answers).render(found, number)
        todo |= {int(turn) for turn in re.findall(r"\?turn=(\d+)", page)} - seen
    shown_in_full = page_view(templates).render(found, 150).count('class="turn"')
    assert 0 < shown_in_full < 149
    in_full = range(150 - shown_in_full, 150)
    assert seen | {*in_full} == {*range(1, 151)}
    assert {*range(1, 150 - shown_in_full)} <= seen


def test_while_an_answer_is_written_a_link_leads_to_the_box(templates):
    """What was typed on a page that loads itself again would be lost; the box's own page does not do so."""
    found = talk("Half an ans", state=State.STREAMING)
    growing, asking = (page_view(templates).render(found, 1, asking=each) for each in (False, True))
    assert ('http-equiv="refresh"' in growing, 'id="message"' in growing) == (True, False)
    assert 'href="/c/c?ask=1"' in growing
    assert ('http-equiv="refresh"' in asking, 'id="message"' in asking) == (False, True)
    live = page_view(templates).render(found, 1, live=True)
    assert ('http-equiv="refresh"' in live, 'id="message"' in live) == (False, False)
    assert 'href="/c/c/live?ask=1"' in live


def test_a_browser_that_refreshes_without_a_pause_is_left_to_the_link(templates):
    found = talk(FIXTURE * 4, state=State.STREAMING)
    whole = page_view(templates, refreshes=False).render(found, 1)
    seen = screen_view(templates, refreshes=False, view=View.PAGES)
    last = seen.render(found, 1, screens := seen.cut(found, 1), len(screens))
    for page in (whole, last):
        assert 'id="refresh"' in page
        assert "http-equiv" not in page


def test_an_answer_under_way_can_be_stopped_from_each_of_its_screens(templates):
    found = talk(FIXTURE * 4, state=State.STREAMING)
    seen = screen_view(templates, view=View.PAGES)
    screens = seen.cut(found, 1)
    assert len(screens) > 2
    for shown in range(1, len(screens) + 1):
        page = seen.render(found, 1, screens, shown)
        assert page.count('action="/c/c/stop"') == 1
        assert ('http-equiv="refresh"' in page) == (shown == len(screens))
    assert f'href="/c/c?screen={len(screens)}&amp;seen=' in page, "refreshed, it is the same screen"


NARROW = ("320x240", "375x812")
WIDE = ("600x800", "758x1024", "732x972", "1072x1448", "1264x1680", "1236x1648", "1280x800")


@cases("screen", [*NARROW, *WIDE])
def test_the_row_that_turns_pages_keeps_to_one_line_in_every_language(every_language, screen):
    """It has its words wherever a screen is as wide as an e-reader's."""
    for templates in every_language:
        furniture = Furniture(templates, Reading(view=View.PAGES, screen=screen))
        assert furniture.turning(stops=False) == ROW_EM, templates.language
        assert furniture.turning_row().words or screen in NARROW, templates.language


def test_on_a_narrow_screen_arrows_turn_pages_and_say_their_names(every_language):
    (german,) = (each for each in every_language if each.language.code == "de")
    settings = {"view": View.PAGES, "screen": "320x240"}
    view, answer = screen_view(german, **settings), talk(RUSSIAN * 9)
    page = view.render(answer, 1, view.cut(answer, 1), 2)
    assert 'aria-label="Zurück" href="/de/c/c?screen=1" accesskey="p">‹</a>' in page
    assert 'aria-label="Weiter" href="/de/c/c?screen=3" accesskey="n">›</a>' in page


def test_numbers_of_three_digits_leave_room_for_less_in_the_row_that_turns_pages(templates):
    def place(screens):
        page = view.render(answer, 1, screens, 50)
        return re.search(r'<span class="quiet">([^<]*)</span>', page)[1]

    answer = talk("Yes.")
    for screen, few, many in (
        ("600x800", "Page 50 of 99 · 51%", "50/100 · 50%"),
        ("320x240", "50/99 · 51%", "50%"),
    ):
        view = screen_view(templates, view=View.PAGES, screen=screen)
        assert (place(["<p>.</p>"] * 99), place(["<p>.</p>"] * 100)) == (few, many), screen


def test_where_nobody_has_measured_a_screen_there_is_room_for_a_line_more(templates):
    measured = Screen(582, 706, 24, NOTO)
    answer = talk("One line.\n\n" * 60)
    least = []
    for each in (None, measured):
        view = screen_view(templates, view=View.PAGES, screen="600x800", measured=each)
        least.append(view.cut(answer, 1)[0].count("<p>"))
    assert least[0] == least[1] - 1


def test_an_answer_that_was_cut_anew_goes_on_at_the_same_place(templates):
    """Whatever the screen was before; the first one stays the first, the last one may."""
    answer = talk("\n\n".join(f"Number {n}. {RUSSIAN}" for n in range(60)))
    cuts = {}
    for screen in ("600x800", "320x240"):
        view = screen_view(templates, view=View.PAGES, screen=screen)
        cuts[screen] = view, view.cut(answer, 1)
    (upright, large), (_, small) = cuts.values()
    for shown in range(1, len(large) + 1):
        page = upright.render(answer, 1, large, shown)
        at = int(re.search(r'id="answer" data-at="(\d+)"', page)[1])
        begins = re.search(r"Number (\d+)", large[shown - 1])
        near = screen_at(small, at) - 1
        assert f"{begins[0]}. " in "".join(small[near : near + 3]), shown
    assert screen_at(large, 0) == screen_at(large, -1) == 1
    assert screen_at(large, 10**9) == len(large)


def test_a_footnote_on_another_screen_is_reached_from_its_mark(templates):
    found = talk(
        "Known[^far] and here[^near].\n\n[^near]: Near.\n\n" + FIXTURE * 4 + "\n\n[^far]: Far."
    )
    seen = screen_view(templates, view=View.PAGES)
    screens = seen.cut(found, 1)
    first = seen.render(found, 1, screens, 1)
    number, far = re.search(r'href="/c/c\?screen=(\d+)#([^"]*)"', first).groups()
    note = seen.render(found, 1, screens, int(number))
    assert f'id="{far}"' in note
    assert "Far." in note
    back = re.search(r'href="/c/c\?screen=1#([^"]*)"', note)[1]
    assert f'id="{back}"' in first
    assert re.search(r'href="#[^"]*-near"', first), "a note on the same screen is led to as ever"


@cases("reason", [reason for reason in Reason if reason is not Reason.RETRYING])
def test_only_an_answer_that_broke_off_is_called_interrupted(templates, reason):
    """What the model itself ended has its sentence alone."""
    told = status_line(templates, State.INTERRUPTED, reason)
    assert told.startswith("[Connection interrupted]") == (reason not in ENDED_BY_MODEL)
    assert told.endswith(templates.sentence(f"reason.{reason}"))


def test_what_the_model_ends_is_told_so():
    assert set(ABNORMAL_ENDS.values()) == ENDED_BY_MODEL
