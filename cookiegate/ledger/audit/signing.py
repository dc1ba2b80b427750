"""Signatures (Ed25519, RFC 8032) with a key that the web process does not hold."""

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

#: What a signature is for: one for another purpose is none.
Purpose = Literal["checkpoint", "removal"]

_PUBLIC_BYTES: Final = 32


class Signer:
    """
    Signs what an operator does.

    Args:
        pem: The private key, as `make_key` gives it.

    Raises:
        LedgerError: It is none.
    """

    def __init__(self, pem: bytes) -> None:
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # TypeError: it is locked with a password.
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise LedgerError(
                "the key is no Ed25519 private key; make one with: cookiegate ledger keygen"
            )
        self._key = key
        #: The public half, in hexadecimal.
        self.public: str = _hex(key.public_key())

    def __repr__(self) -> str:
        # The private half has no place in a log.
        return f"<Signer {self.public}>"

    def sign(self, purpose: Purpose, text: bytes) -> bytes:
        """The signature of a text for a purpose."""
        return self._key.sign(_message(purpose, text))


def make_key() -> bytes:
    """A new private key, as PEM (PKCS #8)."""
    return Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def read_public(text: str) -> str:
    """
    A public key in hexadecimal, from that, or from the PEM of either half.

    Raises:
        LedgerError: It is none of them.
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
            "that is no public key; give the 64 digits that cookiegate ledger keygen printed, "
            "or the PEM"
        )
    return _hex(key)


def is_signed(public: str, purpose: Purpose, text: bytes, signature: bytes) -> bool:
    """
    Whether somebody who holds a key signed a text for a purpose.

    Args:
        public: The public half, in hexadecimal.
        purpose: What for.
        text: What was signed.
        signature: The signature.
    """
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(signature, _message(purpose, text))
    except (ValueError, InvalidSignature):
        return False
    return True


def _message(purpose: Purpose, text: bytes) -> bytes:
    return f"cookiegate ledger {purpose}\n".encode() + text


def _hex(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
