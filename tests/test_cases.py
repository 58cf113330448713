"""A table of cases fails with every case that fails, and says which."""

import pytest

from tests.cases import cases


@pytest.fixture
def limit():
    return 3


def test_all_cases_are_tried_and_those_that_fail_are_named():
    tried = []

    @cases(("left", "right"), [(1, 1), (1, 2), (2, 2), (3, 4)])
    def table(left, right):
        tried.append(left)
        assert left == right

    with pytest.raises(ExceptionGroup, match="2 of 4 cases failed") as caught:
        table()
    assert tried == [1, 1, 2, 3]
    notes = [failure.__notes__ for failure in caught.value.exceptions]
    assert notes == [["in the case 1, 2"], ["in the case 3, 4"]]


def test_one_failure_comes_as_it_is():
    @cases("text", ["1", "one"], ids=["digit", "word"])
    def table(text):
        int(text)

    with pytest.raises(ValueError, match="one") as caught:
        table()
    assert caught.value.__notes__ == ["in the case word"]


def test_what_should_raise_and_does_not_is_a_failure():
    @cases("text", ["one", "1"])
    def table(text):
        with pytest.raises(ValueError, match=text):
            int(text)

    with pytest.raises(pytest.fail.Exception):
        table()


@cases("number", [1, 2])
@cases("more", [0, 1])
def test_tables_multiply_and_fixtures_arrive(number, more, limit):
    assert number + more <= limit


def test_a_quick_run_tries_one_of_so_many():
    tried = []

    @cases("number", range(5), quick_stride=2)
    def table(number):
        tried.append(number)

    table(quick=True)
    assert tried == [0, 2, 4]
    table(quick=False)
    assert tried == [0, 2, 4, 0, 1, 2, 3, 4]


@cases("number", [1, 2], quick_stride=2)
def test_it_learns_by_itself_whether_a_run_is_quick(number, request):
    assert number == 1 or not request.config.getoption("--quick")
