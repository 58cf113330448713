"""The contract's library: a reader's lists, titles, stars, search."""

import dataclasses

import pytest

from kindlechat.conversation import Owned, Rights
from kindlechat.errors import UnknownConversation
from kindlechat.reply import State
from kindlechat.stores.contract import NewReply, Store
from tests.cases import cases
from tests.stores.values import ME, YOU, Clock, asked, existing, new_reply, text_of


def titles(found: list[Owned]) -> list[str]:
    return [each.name for each in found]


class LibraryContract:
    def test_a_list_comes_in_pages(self, store: Store, clock: Clock) -> None:
        for number in range(5):
            asked(store, f"Question {number}")
            clock.forward(1)
        pages = [titles(store.list_owned("me", 2, offset)) for offset in (0, 2, 4, 6)]
        assert pages == [
            ["Question 4", "Question 3"],
            ["Question 2", "Question 1"],
            ["Question 0"],
            [],
        ]
        assert (store.count_owned("me"), store.count_owned("you")) == (5, 0)

    def test_starred_ones_come_first_where_that_is_wanted(self, store: Store, clock: Clock) -> None:
        news = []
        for number in range(4):
            news.append(asked(store, f"{number}", "yes"))
            clock.forward(1)
        for number in (0, 2):
            store.star(news[number].conversation, starred=True)
        assert titles(store.list_owned("me", 9, starred_first=True)) == ["2", "0", "3", "1"]
        assert titles(store.list_owned("me", 2, 1, starred_first=True)) == ["0", "3"]
        assert titles(store.list_owned("me", 9)) == ["3", "2", "1", "0"]
        newest = news[3].id, news[2].id
        assert tuple(each.id for each in store.newest_answers("me", 2)) == newest
        assert titles(store.list_owned("me", 2, 1)) == ["2", "1"]
        assert [each.starred for each in store.list_owned("me", 9)] == [False, True, False, True]
        assert existing(store.outline(news[0].conversation)).starred
        store.star(news[2].conversation, starred=False)
        assert titles(store.list_owned("me", 9, starred_first=True)) == ["0", "3", "2", "1"]

    def test_a_star_says_nothing_of_when_it_was_written(self, store: Store, clock: Clock) -> None:
        new, at = asked(store, "Why?"), clock.now
        clock.forward(5)
        store.star(new.conversation, starred=True)
        assert store.list_owned("me", 1)[0].written == at
        store.create_reply(new_reply(conversation=new.conversation, seed=None))
        assert store.list_owned("me", 1, starred_first=True)[0].written == clock.now

    def test_a_conversation_has_the_title_that_its_owner_gives_it(self, store: Store) -> None:
        new = asked(store, "\n  Why is\tthe sky blue?\nTell me.")
        assert titles(store.list_owned("me", 1)) == ["Why is the sky blue?"]
        assert existing(store.outline(new.conversation)).name == "Why is the sky blue?"
        store.retitle(new.conversation, "</title>\u2028Sky & sea\"'")
        assert titles(store.list_owned("me", 1)) == ["</title>\u2028Sky & sea\"'"]
        assert existing(store.outline(new.conversation)).title == "</title>\u2028Sky & sea\"'"
        store.retitle(new.conversation, "")
        assert titles(store.list_owned("me", 1)) == ["Why is the sky blue?"]

    def test_what_is_not_there_has_no_title_and_no_star(self, store: Store) -> None:
        with pytest.raises(UnknownConversation):
            store.retitle("none", "A title")
        with pytest.raises(UnknownConversation):
            store.star("none", starred=True)

    @pytest.fixture
    def sky(self, store: Store) -> str:
        """A conversation among others."""
        new = asked(
            store,
            'Why is the "sky" blue? 天空为什么是蓝色的 そらはなぜ青いの',
            "Air scatters it's 100% of Ångström a_b; небо, ёлка; 空は青い.",
        )
        asked(store, "Something else", "altogether")
        asked(store, 'Why is the "sky" blue? 天空', "of another reader", YOU)
        return new.conversation

    @cases(
        "query",
        [
            "sky",
            "SKY",
            "ky bl",
            "scatters",
            "blue scatters",
            "Ångström",
            "angstrom",
            "НЕБО",
            "ё",
            "елка",
            "天空",
            "天",
            "蓝色的",
            "そら",
            "空は青",
            "a\u030angstr",
            "ＳＫＹ",
            '"sky"',
            "%",
            "_b",
            "it's",
        ],
    )
    def test_a_search_finds_words_in_any_script(self, store: Store, sky: str, query: str) -> None:
        found = store.search_owned("me", query, 9)
        assert [each.id for each in found.owned] == [sky]
        assert found.whole

    @pytest.fixture
    def blue(self, store: Store) -> NewReply:
        return asked(store, "Why is the sky blue? 天空", "Air scatters it, 100%.")

    @cases(
        "query",
        ["", "   ", "green", "sky green", "yks", "blue scattered", "天青", "%%", "skY*", "OR"],
    )
    def test_a_search_finds_nothing_else(self, store: Store, blue: NewReply, query: str) -> None:
        assert store.search_owned("me", query, 9).owned == []

    def test_trigrams_in_another_order_are_no_word(self, store: Store) -> None:
        asked(store, "abcd bcda cdab")
        assert store.search_owned("me", "abcdab", 9).owned == []
        assert len(store.search_owned("me", "cdab", 9).owned) == 1

    def test_all_words_have_to_be_in_one_place(self, store: Store) -> None:
        new = asked(store, "The sky")
        store.create_reply(
            new_reply(conversation=new.conversation, seed=None, question="And the sea")
        )
        assert len(store.search_owned("me", "sky the", 9).owned) == 1
        assert store.search_owned("me", "sky sea", 9).owned == []

    def test_a_search_finds_titles_while_they_are_so(self, store: Store) -> None:
        new = asked(store, "Why?")
        for title in ("Über allen Gipfeln", "Meeresstille"):
            store.retitle(new.conversation, title)
        assert store.search_owned("me", "gipfeln", 9).owned == []
        assert titles(store.search_owned("me", "STILLE", 9).owned) == ["Meeresstille"]
        store.retitle(new.conversation, "")
        assert store.search_owned("me", "stille", 9).owned == []

    def test_a_search_finds_what_is_claimed_copied_written_on_and_every_version(
        self, store: Store, new: NewReply
    ) -> None:
        store.write([text_of(new, "An albatross", state=State.CUT)])
        assert store.search_owned("me", "albatross", 9).owned == []
        store.claim(new.conversation, ME)
        store.copy_conversation(new.conversation, "copy", ME)
        assert len(store.search_owned("me", "albatross", 9).owned) == 2
        store.resume(new.id, "next", "client")
        store.write(
            [dataclasses.replace(text_of(new, " and a wren", 12, State.DONE), lease="next")]
        )
        (found,) = store.search_owned("me", "wren", 9).owned
        assert found.id == new.conversation
        again = new_reply(
            conversation=new.conversation, seed=None, replaces=new.id, question="Edited?"
        )
        store.create_reply(again)
        for query in ("edited", "wren"):
            (found,) = store.search_owned("me", query, 9).owned
            assert (found.id, found.question, found.turns) == (new.conversation, "Edited?", 1)

    def test_what_is_found_comes_in_pages_the_last_written_first(
        self, store: Store, clock: Clock
    ) -> None:
        for number in range(5):
            new = asked(store, f"The sky {number}")
            clock.forward(1)
            store.star(new.conversation, starred=number == 2)
        found = [titles(store.search_owned("me", "sky", 2, offset).owned) for offset in (0, 2, 4)]
        assert found == [["The sky 4", "The sky 3"], ["The sky 2", "The sky 1"], ["The sky 0"]]

    def test_a_copy_can_have_the_first_turns_alone(self, store: Store) -> None:
        new = asked(store, "First?", "1")
        for question in ("Second?", "Third?"):
            store.create_reply(
                new_reply(conversation=new.conversation, seed=None, question=question)
            )
        store.retitle(new.conversation, "Mine")
        store.copy_conversation(new.conversation, "branch", YOU, turns=2)
        store.copy_conversation(new.conversation, "copy", YOU)
        branch, copy = existing(store.outline("branch")), existing(store.outline("copy"))
        assert [reply.question for reply in branch.replies] == ["First?", "Second?"]
        assert (branch.name, copy.name, len(copy.replies)) == ("First?", "First?", 3)

    def test_all_that_is_handed_over_is_another_readers_with_all_that_was_made_of_it(
        self, store: Store, clock: Clock
    ) -> None:
        news = [asked(store, f"Why {number}?", f"So {number}.") for number in range(3)]
        yours = asked(store, "Yours?", rights=YOU)
        clock.forward(1)
        asked_last = asked(store, "Why last?")
        store.retitle(news[0].conversation, "Sky")
        store.star(news[1].conversation, starred=True)
        store.share(news[2].conversation, "shared")
        store.discard(asked(store, "Gone?").conversation)
        before = {each.id: each for each in store.list_owned("me", 9)}
        assert store.hand_over("me", "you") == 4
        assert (store.list_owned("me", 9), store.count_owned("me")) == ([], 0)
        assert store.search_owned("me", "so", 9).owned == []
        assert store.list_shared("me", 9) == []
        now = {each.id: each for each in store.list_owned("you", 9)}
        assert now.pop(yours.conversation)
        assert now == before
        assert store.list_owned("you", 1)[0].id == asked_last.conversation
        assert store.list_owned("you", 1, starred_first=True)[0].id == news[1].conversation
        assert [each.id for each in store.list_shared("you", 9)] == [news[2].conversation]
        for query in ("Sky", "so 0"):
            found = store.search_owned("you", query, 9).owned
            assert [each.id for each in found] == [news[0].conversation]
        assert store.rights(news[0].conversation) == Rights("you", "key")

    def test_many_are_handed_over(self, store: Store) -> None:
        for number in range(120):
            store.create_reply(new_reply(question=str(number), rights=ME))
        assert store.hand_over("me", "you") == 120
        assert store.hand_over("me", "you") == 0
        assert store.hand_over("you", "you") == 0
        assert store.count_owned("you") == 120
