"""Signatures and keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.ledger import LedgerError
from cookiegate.ledger.audit.signing import Signer, is_signed, make_key, read_public
from tests.ledger.books import SIGNER


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_a_signature_is_valid_for_one_body_purpose_and_key(one: bytes, other: bytes) -> None:
    signature = SIGNER.sign("removal", one)
    assert is_signed(SIGNER.public, "removal", one, signature)
    assert not is_signed(SIGNER.public, "checkpoint", one, signature)
    assert is_signed(SIGNER.public, "removal", other, signature) is (one == other)
    assert not is_signed("00" * 32, "removal", one, signature)
    assert not is_signed("no key", "removal", one, signature)


def test_a_public_key_is_read_from_digits_and_pem() -> None:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    pem = make_key()
    public = load_pem_private_key(pem, None).public_key()
    text = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    wanted = Signer(pem).public
    parted = f"{wanted[:32]}\n{wanted[32:]}"
    for form in (wanted, f" {wanted.upper()}\n", parted, pem.decode(), text):
        assert read_public(form) == wanted
    assert wanted in repr(Signer(pem))


# Keys of an unsupported curve (brainpoolP160r1) and with a password.
_OF_NO_CURVE = b"""-----BEGIN PRIVATE KEY-----
MGQCAQAwFAYHKoZIzj0CAQYJKyQDAwIIAQEBBEkwRwIBAQQUeSqj+Wzx9Luom0+U
pByy31VHZp2hLAMqAATdyJtp+C1ZVY1Lbnx5e8qpYdVN6wczYxkYmF9scJVk10d0
4qyK2wVd
-----END PRIVATE KEY-----
"""
_PUBLIC_OF_NO_CURVE = """-----BEGIN PUBLIC KEY-----
MEIwFAYHKoZIzj0CAQYJKyQDAwIIAQEBAyoABN3Im2n4LVlVjUtufHl7yqlh1U3r
BzNjGRiYX2xwlWTXR3TirIrbBV0=
-----END PUBLIC KEY-----
"""
_LOCKED = b"""-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj4jUDb1DiVbQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBboHCx98mlUL5gRCS9L4k0EQCjP
UdFs5PI72PrzovJcaFzf6gESIYeSuiqgmblKHb5pz5/X/H5tJG37ovw8sE9vi2zL
FoQOHnC1oc4w0cE1p+0=
-----END ENCRYPTED PRIVATE KEY-----
"""


def test_invalid_keys_are_rejected() -> None:
    from cryptography.hazmat.primitives.asymmetric import x25519
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    other = x25519.X25519PrivateKey.generate()
    private = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for pem in (b"", b"no key", private, _OF_NO_CURVE, _LOCKED):
        with pytest.raises(LedgerError, match="cookiegate ledger keygen"):
            Signer(pem)
    for text in ("", "abcd", "no key", public.decode(), _PUBLIC_OF_NO_CURVE):
        with pytest.raises(LedgerError, match="not a valid public key"):
            read_public(text)
