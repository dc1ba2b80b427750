"""The claims of the fuzzer, on cookies, policies and forms made of grammar pieces."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.claims import CLAIMS, check_all
from tests.fuzz.forms import check_form
from tests.fuzz.policies import check_policy
from tests.fuzz.samples import SAMPLES
from tests.fuzz.sweeps import check_sweep

pytestmark = pytest.mark.slow

FINDS = [
    bytes.fromhex(json.loads(line)["data"])
    for line in (Path(__file__).parents[1] / "data/fuzz_finds.jsonl").read_text().splitlines()
]
any_byte = st.binary(min_size=1, max_size=1)


def pieces(text: bytes, most: int) -> st.SearchStrategy[bytes]:
    """Return values that consist of these pieces, which "|" separates, and of other bytes."""
    piece = st.sampled_from(text.split(b"|")) | st.binary(max_size=3)
    return st.lists(piece, max_size=most).map(b"".join)


cookies = pieces(
    b'_ga|_gat_|x|_fbp|SID|NID|sid|prefs[theme]|k\xc3\xbcche|=|=|; |; |;| |\t|"|,|\xff|\1|\xa0', 30
)
policies = pieces(
    b"script-src|IMG-SRC|default-src|form-action|https://count.example|https://ADS.example"
    b"|*.ads.example|https://both.example|'nonce-a'|'self'| | |\t|\f|\x0b|;|;|,|*|\xff",
    30,
)
bodies = pieces(
    b"answer=|all|none|these|withdraw|category=|analysis|&|%|%C3%A9|%00|lang=|back=|surface=banner"
    b'|shown=|token=|+|{"granted":["|"]|}|","|"language":"|"surface":"banner"|,',
    16,
)


@given(any_byte, any_byte, cookies)
def test_a_sweep_deletes_registered_refused_cookies_and_nothing_else(
    visitor: bytes, weight: bytes, header: bytes
) -> None:
    check_sweep(visitor + weight + header)


@given(any_byte, policies)
def test_a_policy_loses_refused_sources_and_nothing_else(visitor: bytes, value: bytes) -> None:
    check_policy(visitor + value)


@given(any_byte, bodies | cookies)
def test_a_form_grants_what_it_names_and_a_withdrawal_succeeds(kind: bytes, body: bytes) -> None:
    check_form(kind + body)


@pytest.mark.parametrize("number", range(len(CLAIMS)))
def test_each_claim_holds_for_the_samples_and_for_short_input(number: int) -> None:
    for length in range(4):
        check_all(bytes([number]) + b"\xff" * length)
    for sample in SAMPLES:
        if sample[0] == number:
            check_all(sample)


def test_finds_of_the_fuzzer_stay_fixed() -> None:
    check_all(b"")
    for data in FINDS:
        check_all(data)
