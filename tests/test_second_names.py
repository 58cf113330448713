"""The write key of a conversation: it leads to the id, and the id does not lead to it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from kindlechat.relay import new_id
from kindlechat.web.second_names import SecondNames
from tests.cases import cases

KEYS = SecondNames("secret" * 8, "write key")


def test_a_key_leads_to_its_conversation_and_looks_like_an_id():
    ids = [new_id() for _ in range(200)]
    keys = [KEYS.name_of(each) for each in ids]
    assert [KEYS.id_of(key) for key in keys] == ids
    assert all(re.fullmatch(r"[\w-]{22}", key) for key in keys)
    assert len({*ids, *keys}) == 400


def test_another_secret_and_another_purpose_give_other_keys():
    conversation = new_id()
    assert SecondNames("secret" * 8, "share").name_of(conversation) != KEYS.name_of(conversation)
    assert SecondNames("other" * 8, "write key").name_of(conversation) != KEYS.name_of(conversation)


def test_keys_of_ids_that_differ_by_a_bit_have_nothing_in_common():
    """Each half of a key depends on both halves of the id."""
    for near in ("A" * 21 + "g", "g" + "A" * 21):
        key, other = KEYS.name_of("A" * 22), KEYS.name_of(near)
        assert key[:10] != other[:10]
        assert key[-10:] != other[-10:]


@given(st.text(max_size=30))
def test_what_is_no_id_has_no_key(text):
    key = KEYS.name_of(text)
    if key is not None:
        assert KEYS.id_of(key) == text


@cases("text", ["", "talk", "A" * 21, "A" * 23, "A" * 21 + "B", "A" * 21 + "=", "é" * 22])
def test_only_ids_as_we_write_them_have_keys(text):
    assert KEYS.name_of(text) is None
