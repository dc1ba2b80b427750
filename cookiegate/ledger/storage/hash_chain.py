"""Hashes: the chain of a writer's receipts, and the Merkle tree over all of them.

The chain proves the order of the receipts. The tree (RFC 6962, section 2.1) gives short proofs that
a receipt existed when a checkpoint was signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["Tree", "first_link", "inclusion_path", "next_link", "root_from_path"]

_NODE: Final = b"\x01"
_LINK: Final = b"\x02"
_FIRST: Final = b"\x03"


def first_link(writer: str) -> bytes:
    """Return the link at the start of a writer's chain, before its first receipt."""
    return hashlib.sha256(_FIRST + writer.encode()).digest()


def next_link(previous: bytes, leaf: bytes) -> bytes:
    """
    Return the link of a receipt, which covers this receipt and all before it.

    Args:
        previous: The previous link, or `first_link`.
        leaf: The receipt's hash.
    """
    return hashlib.sha256(_LINK + previous + leaf).digest()


class Tree:
    """The root over a growing list of leaves, in memory that grows with its logarithm."""

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size: int = 0
        # Level and root of full trees, each larger than the next.
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Add a leaf at the end."""
        self.size += 1
        level, node = 0, leaf
        while self._peaks and self._peaks[-1][0] == level:
            node = _node(self._peaks.pop()[1], node)
            level += 1
        self._peaks.append((level, node))

    def root(self) -> bytes:
        """Return the root over all leaves so far; the hash of no bytes if there are none."""
        if not self._peaks:
            return hashlib.sha256().digest()
        node = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            node = _node(left, node)
        return node


def inclusion_path(leaves: Iterable[bytes], index: int) -> list[bytes]:
    """
    Return the hashes that lead from a leaf to the root (RFC 9162, section 2.1.3.1).

    Args:
        leaves: All leaves; they are read once.
        index: The leaf's position, from 0.
    """
    path: list[bytes] = []
    # Level and root of full trees, and whether they contain the leaf.
    peaks: list[tuple[int, bytes, bool]] = []
    for number, leaf in enumerate(leaves):
        level, node, has_leaf = 0, leaf, number == index
        while peaks and peaks[-1][0] == level:
            _, left, left_has_leaf = peaks.pop()
            node, has_leaf = _join(left, left_has_leaf, node, has_leaf, path)
            level += 1
        peaks.append((level, node, has_leaf))
    if peaks:
        _, node, has_leaf = peaks.pop()
        for _, left, left_has_leaf in reversed(peaks):
            node, has_leaf = _join(left, left_has_leaf, node, has_leaf, path)
    return path


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """
    Return the root that a leaf and its path lead to; None if they fit no tree of this size.

    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    at, last, node = index, size - 1, leaf
    for other in path:
        if last == 0:
            return None
        if at % 2 or at == last:
            node = _node(other, node)
            while not at % 2 and at:
                at //= 2
                last //= 2
        else:
            node = _node(node, other)
        at //= 2
        last //= 2
    return node if last == 0 else None


def _join(
    left: bytes, left_has_leaf: bool, right: bytes, right_has_leaf: bool, path: list[bytes]
) -> tuple[bytes, bool]:
    if left_has_leaf:
        path.append(right)
    elif right_has_leaf:
        path.append(left)
    return _node(left, right), left_has_leaf or right_has_leaf


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
