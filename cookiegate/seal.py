"""The signature on what the gate hands to a browser and takes back.

itsdangerous with HMAC-SHA256. Its timestamped classes read the clock themselves, so the time is a
field of what is signed. Keys are derived once, not at every request.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from itsdangerous.signer import Signer, SigningAlgorithm

__all__ = ["MIN_SECRET_BYTES", "Seal", "SecretKeys", "read_secret_keys"]

MIN_SECRET_BYTES: Final = 16

SecretKeys = str | bytes | Sequence[str | bytes]

_MAKE_ONE: Final = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'


def read_secret_keys(secret_key: SecretKeys | None) -> tuple[bytes, ...]:
    """
    One key or several, newest first, as bytes.

    Raises:
        ValueError: There is none, or one is shorter than 16 bytes. The text says how to make one.
        TypeError: A key is neither text nor bytes.
    """
    if isinstance(secret_key, str | bytes):
        keys: Sequence[str | bytes] = (secret_key,)
    else:
        keys = tuple(secret_key or ())
    read = []
    for key in keys:
        if not isinstance(key, str | bytes):
            raise TypeError(
                f"secret_key holds {type(key).__name__}; "
                "give str, bytes, or a list of them, newest first"
            )
        read.append(key.encode() if isinstance(key, str) else key)
    if not any(read):
        raise ValueError(f"secret_key is missing; make one with: {_MAKE_ONE}")
    for number, raw in enumerate(read, start=1):
        if len(raw) < MIN_SECRET_BYTES:
            which = "secret_key" if len(read) == 1 else f"secret_key number {number}"
            raise ValueError(
                f"{which} has {len(raw)} bytes and needs at least {MIN_SECRET_BYTES}; "
                f"make one with: {_MAKE_ONE}"
            )
    return tuple(read)


class _HMACSHA256(SigningAlgorithm):
    # HMAC-SHA256 under one key. The keyed object is made once and copied, which spares each
    # signature the setting up of the key.

    def __init__(self, key: bytes) -> None:
        self._keyed = hmac.new(key, digestmod="sha256")

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(value)
        return keyed.digest()


class Seal:
    """
    Signs text and opens what was signed, for one purpose.

    Args:
        keys: At least one, newest first: the first signs, each opens.
        salt: The purpose; what was sealed under another salt does not open.
    """

    __slots__ = ("_signers",)

    def __init__(self, keys: Sequence[bytes], salt: bytes) -> None:
        self._signers = tuple(_signer(key, salt) for key in keys)

    def close(self, text: str) -> str:
        """The text with its signature behind it."""
        return self._signers[0].sign(text).decode("ascii")

    def open(self, sealed: bytes) -> bytes | None:
        """
        The text that was sealed, or None when the signature is not ours.

        The signature is compared as it is written: itsdangerous alone would take any of the
        spellings that base64 leaves open, and a changed byte must not pass.
        """
        text, dot, signature = sealed.rpartition(b".")
        if dot:
            for signer in self._signers:
                if hmac.compare_digest(signature, signer.get_signature(text)):
                    return text
        return None


def _signer(key: bytes, salt: bytes) -> Signer:
    derived = Signer(
        key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256
    ).derive_key()
    return Signer(derived, key_derivation="none", algorithm=_HMACSHA256(derived))
