"""The store's contract as one test class; each engine's test module runs it on a real engine.

A subclass gives the fixtures `open_store` (a function that opens one more store on the same data) and
`clock` (an adjustable clock, in seconds).
"""

import pytest

from kindlechat.stores.contract import NewReply, Store
from tests.stores.conversations_contract import ConversationsContract
from tests.stores.discards_contract import DiscardsContract
from tests.stores.facts_contract import FactsContract
from tests.stores.leases_contract import LeasesContract
from tests.stores.library_contract import LibraryContract
from tests.stores.newsletter_contract import NewsletterContract
from tests.stores.pairing_contract import PairingContract
from tests.stores.pictures_contract import PicturesContract
from tests.stores.rate_limits_contract import RateLimitsContract
from tests.stores.readers_contract import ReadersContract
from tests.stores.rights_contract import RightsContract
from tests.stores.shares_contract import SharesContract
from tests.stores.values import OpenStore, new_reply
from tests.stores.vocabulary_contract import VocabularyContract


class StoreContract(
    ConversationsContract,
    LeasesContract,
    RateLimitsContract,
    RightsContract,
    LibraryContract,
    SharesContract,
    DiscardsContract,
    FactsContract,
    NewsletterContract,
    ReadersContract,
    PairingContract,
    VocabularyContract,
    PicturesContract,
):
    @pytest.fixture
    def store(self, open_store: OpenStore) -> Store:
        return open_store()

    @pytest.fixture
    def new(self, store: Store) -> NewReply:
        new = new_reply()
        store.create_reply(new)
        return new

    def test_the_secret_is_made_once(self, store: Store, open_store: OpenStore) -> None:
        assert store.secret() == open_store().secret()

    def test_a_store_that_works_passes_the_check(self, store: Store) -> None:
        store.check()
