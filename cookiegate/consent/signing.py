"""Signatures of itsdangerous, with HMAC-SHA256, on what a browser stores for the gate.

The timestamped classes of itsdangerous read the clock themselves, so the time is a field of the
signed text. Keys are derived once, not for each request.
"""

from __future__ import annotations

import hashlib
import hmac
from binascii import b2a_base64
from collections.abc import Sequence
from typing import Final

from itsdangerous import Signer

__all__ = ["MIN_SECRET_BYTES", "SecretKeys", "TokenSigner", "read_secret_keys"]

MIN_SECRET_BYTES: Final = 16

SecretKeys = str | bytes | Sequence[str | bytes]

_Keyed = tuple["hashlib._Hash", "hashlib._Hash"]

_IN_URLS: Final = bytes.maketrans(b"+/", b"-_")
_MAKE_ONE: Final = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'


def read_secret_keys(secret_key: SecretKeys | None) -> tuple[bytes, ...]:
    """
    Return secret keys as bytes, newest first.

    Args:
        secret_key: One key, or several, newest first.

    Raises:
        ValueError: There is no key, or one is shorter than 16 bytes. The message says how to make
            one.
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


class TokenSigner:
    """
    Signs text and verifies signatures, for one purpose.

    The signatures are those of itsdangerous' Signer with SHA-256 and `key_derivation="hmac"`.

    Args:
        keys: At least one, newest first. The first signs; each of them verifies.
        salt: The purpose. A signature under another salt is not valid.
    """

    __slots__ = ("_keyed",)

    def __init__(self, keys: Sequence[bytes], salt: bytes) -> None:
        self._keyed = tuple(_keyed(_derive(key, salt)) for key in keys)

    def sign(self, text: str) -> str:
        """Return a text followed by its signature. A text may hold surrogates."""
        raw = text.encode("utf-8", "surrogatepass")
        return f"{text}.{_sign(self._keyed[0], raw).decode()}"

    def unsign(self, signed: bytes) -> bytes | None:
        """
        Return the text that was signed; None if the signature is not valid.

        The signature is compared as text: itsdangerous itself decodes base64, which accepts several
        spellings, and a changed byte must not pass.

        Args:
            signed: What `sign` returned.
        """
        text, dot, signature = signed.rpartition(b".")
        if dot:
            for keyed in self._keyed:
                if hmac.compare_digest(signature, _sign(keyed, text)):
                    return text
        return None


def _keyed(key: bytes) -> _Keyed:
    # The two hashes of HMAC, begun with the key (RFC 2104, section 2). They are copied for each
    # signature, which takes half as long as to copy an HMAC object. The key is one digest, which is
    # shorter than a block.
    block = key.ljust(hashlib.sha256().block_size, b"\0")
    return (
        hashlib.sha256(bytes(byte ^ 0x36 for byte in block)),
        hashlib.sha256(bytes(byte ^ 0x5C for byte in block)),
    )


def _sign(keyed: _Keyed, text: bytes) -> bytes:
    inner, outer = keyed[0].copy(), keyed[1].copy()
    inner.update(text)
    outer.update(inner.digest())
    # As in URLs (RFC 4648, section 5), without the padding.
    return b2a_base64(outer.digest(), newline=False).translate(_IN_URLS).rstrip(b"=")


def _derive(key: bytes, salt: bytes) -> bytes:
    return Signer(key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256).derive_key()
