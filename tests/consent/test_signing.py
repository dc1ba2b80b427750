"""Signatures: only those of the signer are valid."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from cookiegate.consent.signing import TokenSigner, read_secret_keys

KEY = b"k" * 32
SIGNER = TokenSigner([KEY], b"salt")


def test_a_signed_text_is_unsigned() -> None:
    assert SIGNER.unsign(SIGNER.sign("a.b.c").encode()) == b"a.b.c"


@given(st.text(st.characters(categories=None), max_size=40))
def test_any_text_is_signed_surrogates_too(text: str) -> None:
    signed = SIGNER.sign(text).encode("utf-8", "surrogatepass")
    assert SIGNER.unsign(signed) == text.encode("utf-8", "surrogatepass")


@given(st.text("aü.", max_size=9), st.data())
def test_no_changed_byte_passes(text: str, data: st.DataObject) -> None:
    signed = bytearray(SIGNER.sign(text).encode())
    at = data.draw(st.integers(0, len(signed) - 1))
    signed[at] ^= data.draw(st.integers(1, 255))
    assert SIGNER.unsign(bytes(signed)) is None


@given(st.binary(max_size=100))
def test_garbage_has_no_valid_signature(signed: bytes) -> None:
    assert SIGNER.unsign(signed) is None


def test_another_spelling_of_the_signature_is_not_valid() -> None:
    signed = SIGNER.sign("a")
    assert SIGNER.unsign((signed + "=").encode()) is None
    assert SIGNER.unsign(signed[:-1].encode()) is None


def test_the_salt_is_part_of_the_key() -> None:
    assert TokenSigner([KEY], b"other").unsign(SIGNER.sign("a").encode()) is None


def test_the_newest_key_signs_and_older_ones_verify() -> None:
    new, old, oldest = b"n" * 32, b"o" * 32, b"p" * 32
    assert TokenSigner([new, old, oldest], b"salt").unsign(
        TokenSigner([oldest], b"salt").sign("a").encode()
    )
    rotated = TokenSigner([new, old], b"salt")
    assert rotated.unsign(TokenSigner([old], b"salt").sign("a").encode()) == b"a"
    assert TokenSigner([new], b"salt").unsign(rotated.sign("a").encode()) == b"a"
    assert TokenSigner([old], b"salt").unsign(rotated.sign("a").encode()) is None


@given(st.text("ab.", max_size=9), st.binary(min_size=16, max_size=40))
def test_signatures_are_those_of_itsdangerous(text: str, key: bytes) -> None:
    signer = Signer(key, salt=b"salt", key_derivation="hmac", digest_method=hashlib.sha256)
    signed = TokenSigner([key], b"salt").sign(text)
    assert signed.encode() == signer.sign(text)
    assert signer.unsign(signed) == text.encode()


def test_the_signature_is_hmac_sha256() -> None:
    assert len(SIGNER.sign("a").rpartition(".")[2]) == 43


def test_keys_may_be_text_bytes_or_several() -> None:
    assert read_secret_keys("x" * 16) == (b"x" * 16,)
    assert read_secret_keys(b"x" * 16) == (b"x" * 16,)
    assert read_secret_keys(["x" * 16, b"y" * 16]) == (b"x" * 16, b"y" * 16)


@pytest.mark.parametrize("key", [None, "", b"", [], [""], "short", b"x" * 15, ["x" * 16, "short"]])
def test_a_missing_or_short_key_says_how_to_make_one(key: str | None) -> None:
    with pytest.raises(ValueError, match=r"secrets\.token_urlsafe"):
        read_secret_keys(key)


def test_a_short_key_among_several_is_pointed_at() -> None:
    with pytest.raises(ValueError, match="number 2 has 5 bytes"):
        read_secret_keys(["x" * 16, "short"])


def test_a_key_of_another_type_is_refused() -> None:
    keys: Any = [12]
    with pytest.raises(TypeError, match="int"):
        read_secret_keys(keys)


def test_errors_about_keys_are_complete() -> None:
    with pytest.raises(
        ValueError, match=r"^secret_key has 5 bytes and needs at least 16; make one"
    ):
        read_secret_keys("short")
    with pytest.raises(ValueError, match=r"^secret_key number 2 has 5 bytes and needs"):
        read_secret_keys(["long enough for a key", "short"])
    keys: Any = [7]
    text = r"^secret_key holds int; give str, bytes, or a list of them, newest first$"
    with pytest.raises(TypeError, match=text):
        read_secret_keys(keys)
