"""The contract's pictures: kept with their conversation, the last few of them."""

from kindlechat.conversation import Rights
from kindlechat.picture import KEPT_PICTURES, LOST, SentPicture
from kindlechat.stores.contract import NewReply, Store
from tests.stores.values import Clock, existing, new_reply


def picture(number: int = 0) -> SentPicture:
    return SentPicture(b"\xff\xd8 %d \0" % number, b"\xff\xd8 small \0", (1200, 1600), (180, 240))


def asked_with(store: Store, shown: SentPicture, **changes: object) -> NewReply:
    new = new_reply(picture=shown.name, new_picture=shown, **changes)
    assert store.create_reply(new) == new.id
    return new


class PicturesContract:
    def test_a_picture_is_kept_with_its_question(self, store: Store) -> None:
        shown = picture()
        new = asked_with(store, shown)
        name = shown.name
        assert store.pictures(new.conversation, [name, "x"]) == {name: shown.jpeg}
        assert store.preview(new.conversation, name) == shown.preview
        assert existing(store.reply(new.id)).picture == name
        (turn,) = existing(store.outline(new.conversation)).replies
        assert turn.picture == name
        other = new_reply()
        store.create_reply(other)
        assert existing(store.reply(other.id)).picture == ""
        assert existing(store.outline(other.conversation)).replies[0].picture == ""
        assert store.pictures(other.conversation, [name]) == {}
        assert store.pictures(new.conversation, []) == {}
        assert store.preview(other.conversation, name) is None

    def test_the_last_ones_are_kept(self, store: Store) -> None:
        shown = [picture(number) for number in range(KEPT_PICTURES + 2)]
        first = asked_with(store, shown[0])
        talk = first.conversation
        for each in (*shown[1:], shown[2]):
            asked_with(store, each, conversation=talk, seed=None)
        names = [each.name for each in shown]
        assert set(store.pictures(talk, names)) == set(names[-KEPT_PICTURES:])
        assert store.preview(talk, names[0]) is None
        turns = existing(store.outline(talk)).replies
        assert [turn.picture for turn in turns] == [LOST, LOST, *names[2:], names[2]]
        assert existing(store.reply(first.id)).picture == LOST

    def test_a_picture_that_is_sent_again_counts_as_new(self, store: Store) -> None:
        shown = [picture(number) for number in range(KEPT_PICTURES)]
        talk = asked_with(store, shown[0]).conversation
        for each in (*shown[1:], shown[0], picture(99)):
            asked_with(store, each, conversation=talk, seed=None)
        kept = store.pictures(talk, [each.name for each in shown])
        assert set(kept) == {each.name for each in (shown[0], *shown[2:])}

    def test_a_question_that_is_asked_again_keeps_it(self, store: Store) -> None:
        shown = picture()
        new = asked_with(store, shown)
        again = new_reply(
            conversation=new.conversation, seed=None, replaces=new.id, picture=shown.name
        )
        store.create_reply(again)
        assert existing(store.outline(new.conversation)).replies[0].picture == shown.name
        assert store.pictures(new.conversation, [shown.name])

    def test_a_copy_has_the_pictures_of_its_questions(self, store: Store) -> None:
        one, two = picture(1), picture(2)
        talk = asked_with(store, one).conversation
        asked_with(store, two, conversation=talk, seed=None)
        store.copy_conversation(talk, "whole", Rights("you"))
        store.copy_conversation(talk, "part", Rights("you"), turns=1)
        names = [one.name, two.name]
        assert store.pictures("whole", names) == {one.name: one.jpeg, two.name: two.jpeg}
        assert store.pictures("part", names) == {one.name: one.jpeg}
        assert existing(store.outline("part")).replies[0].picture == one.name
        assert store.preview("part", one.name) == one.preview

    def test_they_go_and_come_back_with_their_conversation(
        self, store: Store, clock: Clock
    ) -> None:
        shown = picture()
        talk = asked_with(store, shown).conversation
        store.discard(talk)
        assert store.pictures(talk, [shown.name]) == {}
        assert store.preview(talk, shown.name) is None
        store.restore(talk)
        assert store.pictures(talk, [shown.name]) == {shown.name: shown.jpeg}
        clock.forward(10**6)
        store.delete_older_than(age_s=50)
        assert store.pictures(talk, [shown.name]) == {}

    def test_who_is_forgotten_leaves_none(self, store: Store) -> None:
        shown = picture()
        talk = asked_with(store, shown, rights=Rights("me")).conversation
        store.delete_owned("me")
        assert store.pictures(talk, [shown.name]) == {}
        again = new_reply(conversation=talk)
        store.create_reply(again)
        assert store.pictures(talk, [shown.name]) == {}, "nothing is left under the name"
