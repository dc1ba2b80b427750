"""Signatures (Ed25519, RFC 8032) with a key that the web process does not have."""

from __future__ import annotations

from typing import Final, Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from cookiegate.ledger.errors import LedgerError

__all__ = ["Purpose", "Signer", "is_signed", "make_key", "read_public"]

#: What a signature is for. A signature is not valid for another purpose.
Purpose = Literal["checkpoint", "removal"]

_PUBLIC_BYTES: Final = 32


class Signer:
    """
    A private key.

    Args:
        pem: The key, as `make_key` returns it.

    Raises:
        LedgerError: It is not a valid private key.
    """

    def __init__(self, pem: bytes) -> None:
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # TypeError: it is protected with a password.
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise LedgerError(
                "the file is not a valid Ed25519 private key; make one with: "
                "cookiegate ledger keygen"
            )
        self._key = key
        #: The public key, in hexadecimal.
        self.public: str = _hex(key.public_key())

    def __repr__(self) -> str:
        # Without the private key, which must not get into a log.
        return f"<Signer {self.public}>"

    def sign(self, purpose: Purpose, body: bytes) -> bytes:
        """Return the signature of a body for a purpose."""
        return self._key.sign(_message(purpose, body))


def make_key() -> bytes:
    """Return a new private key as PEM (PKCS #8)."""
    return Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def read_public(text: str) -> str:
    """
    Return a public key in hexadecimal.

    Args:
        text: The same, or the PEM of the public or the private key.

    Raises:
        LedgerError: It is not a valid key.
    """
    text = text.strip()
    try:
        key_bytes = bytes.fromhex(text)
        if len(key_bytes) == _PUBLIC_BYTES:
            return key_bytes.hex()
    except ValueError:
        pass
    if "PRIVATE" in text:
        return Signer(text.encode()).public
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise LedgerError(
            "that is not a valid public key; write the 64 digits that cookiegate ledger keygen "
            "printed, or a file with the PEM"
        )
    return _hex(key)


def is_signed(public: str, purpose: Purpose, body: bytes, signature: bytes) -> bool:
    """
    Return True if a signature is valid.

    Args:
        public: The public key, in hexadecimal.
        purpose: What the signature is for.
        body: What is signed.
        signature: The signature.
    """
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(signature, _message(purpose, body))
    except (ValueError, InvalidSignature):
        return False
    return True


def _message(purpose: Purpose, body: bytes) -> bytes:
    return f"cookiegate ledger {purpose}\n".encode() + body


def _hex(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
