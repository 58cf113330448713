"""The contract's newsletter."""

from kindlechat.relay import new_id
from kindlechat.stores.contract import BEFORE, Standing, Store, Subscriber
from tests.stores.values import Clock, existing

DAY_S = 86_400.0


def subscribe(store: Store, name: str, language: str = "en") -> Subscriber:
    return store.subscribe(new_id(), f"{name}@example.org", f"hash of {name}", language)


def activate(store: Store, name: str, language: str = "en") -> Subscriber:
    pending = subscribe(store, name, language)
    assert store.change_standing(pending.id, Standing.ACTIVE)
    return existing(store.subscriber(pending.id))


def names(subscribers: list[Subscriber]) -> list[str]:
    return [each.mailbox.partition("@")[0] for each in subscribers]


class NewsletterContract:
    def test_a_subscriber_is_pending_then_active(self, store: Store, clock: Clock) -> None:
        pending = subscribe(store, "ann", "de")
        assert pending == Subscriber(
            pending.id, "ann@example.org", "hash of ann", "de", Standing.PENDING, clock()
        )
        clock.forward(60)
        assert store.change_standing(pending.id, Standing.ACTIVE)
        assert existing(store.subscriber(pending.id)).standing is Standing.ACTIVE
        assert existing(store.subscriber(pending.id)).since == clock()

    def test_to_confirm_twice_changes_nothing(self, store: Store, clock: Clock) -> None:
        active = activate(store, "ann")
        clock.forward(60)
        assert store.change_standing(active.id, Standing.ACTIVE)
        assert store.subscriber(active.id) == active

    def test_an_active_subscriber_who_asks_again_stays(self, store: Store) -> None:
        active = activate(store, "ann")
        assert subscribe(store, "ann", "fr") == active

    def test_who_asks_again_while_pending_has_more_time(self, store: Store, clock: Clock) -> None:
        first = subscribe(store, "ann")
        clock.forward(5 * DAY_S)
        second = subscribe(store, "ann", "fr")
        assert (second.id, second.language, second.since) == (first.id, "fr", clock())

    def test_who_leaves_is_kept_as_a_hash(self, store: Store) -> None:
        active = activate(store, "ann")
        for _ in range(2):
            assert store.change_standing(active.id, Standing.LEFT)
        left = existing(store.subscriber(active.id))
        assert (left.mailbox, left.mailbox_hash) == ("", "hash of ann")
        assert not store.change_standing(active.id, Standing.ACTIVE)
        assert not store.change_standing(active.id, Standing.BOUNCED)
        assert store.due("post", "en") == []

    def test_who_left_may_come_back(self, store: Store) -> None:
        active = activate(store, "ann")
        store.change_standing(active.id, Standing.LEFT)
        assert activate(store, "ann").id == active.id
        assert names(store.due("post", "en")) == ["ann"]

    def test_a_mailbox_that_bounced_gets_nothing_until_it_asks_again(self, store: Store) -> None:
        active = activate(store, "ann")
        assert store.change_standing(active.id, Standing.BOUNCED)
        assert store.due("post", "en") == []
        assert not store.change_standing(active.id, Standing.ACTIVE)
        activate(store, "ann")
        assert names(store.due("post", "en")) == ["ann"]

    def test_nobody_unknown_changes(self, store: Store) -> None:
        assert store.subscriber("none") is None
        assert not any(store.change_standing("none", standing) for standing in BEFORE)
        assert not store.forget_subscriber("none")

    def test_pending_ones_are_deleted_after_their_time(self, store: Store, clock: Clock) -> None:
        old = subscribe(store, "old")
        active = activate(store, "active")
        clock.forward(7 * DAY_S)
        new = subscribe(store, "new")
        assert store.delete_pending(7 * DAY_S) == 1
        assert store.subscriber(old.id) is None
        assert store.subscriber(active.id)
        assert store.subscriber(new.id)
        assert subscribe(store, "old").id != old.id

    def test_issues_go_to_active_subscribers_of_their_language_once(self, store: Store) -> None:
        ann, eve = activate(store, "ann"), activate(store, "eve")
        activate(store, "jan", "de")
        subscribe(store, "tom")
        assert {*names(store.due("post", "en"))} == {"ann", "eve"}
        store.record_delivery("post", ann.id)
        store.record_delivery("post", ann.id)
        assert store.due("post", "en") == [eve]
        assert {*names(store.due("another", "en"))} == {"ann", "eve"}
        assert store.issues() == {"post": False}
        store.finish_issues(["post", "older"])
        assert store.issues() == {"post": True, "older": True}

    def test_subscribers_come_in_parts(self, store: Store) -> None:
        all_ids = sorted(activate(store, f"n{number}").id for number in range(7))
        store.record_delivery("post", all_ids[2])
        for listed, ids in [
            (store.subscribers, all_ids),
            (lambda **part: store.due("post", "en", **part), [*all_ids[:2], *all_ids[3:]]),
        ]:
            found: list[str] = []
            while part := listed(after=found[-1] if found else "", limit=2):
                assert len(part) <= 2
                found += (each.id for each in part)
            assert found == ids

    def test_one_run_sends_at_a_time(self, store: Store, clock: Clock) -> None:
        assert store.hold_run("one", 900)
        assert not store.hold_run("two", 900)
        clock.forward(600)
        assert store.hold_run("one", 900)
        clock.forward(600)
        assert not store.hold_run("two", 900)
        clock.forward(301)
        assert store.hold_run("two", 900)
        store.end_run("one")
        assert not store.hold_run("one", 900)
        store.end_run("two")
        assert store.hold_run("one", 900)

    def test_what_is_forgotten_leaves_nothing(self, store: Store) -> None:
        ann = activate(store, "ann")
        store.record_delivery("post", ann.id)
        assert store.forget_subscriber("hash of ann")
        assert store.subscriber(ann.id) is None
        assert store.subscribers() == []
        assert store.due("post", "en") == []

    def test_retention_leaves_subscribers_alone(self, store: Store, clock: Clock) -> None:
        active = activate(store, "ann")
        clock.forward(1000 * DAY_S)
        store.delete_older_than(DAY_S)
        assert store.subscriber(active.id) == active
