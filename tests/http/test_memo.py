"""Bounded memory."""

from cookiegate.http import headers
from cookiegate.http.memo import BoundedDict, Memo, clear_memos
from cookiegate.http.request import read_request


def test_a_memo_computes_a_value_once() -> None:
    computed: list[bytes] = []

    def compute(key: bytes) -> int:
        computed.append(key)
        return len(key)

    memo = Memo(compute)
    assert [memo[b"name"], memo[b"name"], memo[b""]] == [4, 4, 0]
    assert computed == [b"name", b""]


def test_a_memo_is_emptied_when_it_is_full() -> None:
    memo = Memo(len, max_entries=3)
    for number in range(10):
        assert memo[b"x" * number] == number
        assert len(memo.values) <= 3
    assert set(memo.values) == {b"x" * 9}


def test_a_memo_is_bounded_by_default() -> None:
    memo = Memo(len)
    for number in range(9000):
        memo[b"%d" % number]
    assert 0 < len(memo.values) <= 4096


def test_a_memo_does_not_remember_long_keys() -> None:
    memo = Memo(len, max_key_bytes=4)
    assert memo[b"12345"] == 5
    assert memo[b"1234"] == 4
    assert set(memo.values) == {b"1234"}
    memo = Memo(len)
    assert memo[b"x" * 257] == 257
    assert not memo.values


def test_a_bounded_dict_is_emptied_when_it_is_full() -> None:
    bounded: BoundedDict[int, str] = BoundedDict(2)
    for number in range(5):
        bounded.remember(number, "")
        assert len(bounded) <= 2
    assert set(bounded) == {4}


def test_the_memos_of_the_process_can_be_emptied() -> None:
    read_request([(b"x-some-name", b"")])
    assert headers.kind_of(b"x-some-name") == "other"
    assert b"x-some-name" in headers.OTHER
    clear_memos()
    assert not headers.OTHER
