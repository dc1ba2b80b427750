"""Hashes: the chain of a writer's receipts, and the tree over all of them.

The chain says in which order receipts came; the tree (RFC 6962, section 2.1) makes short proofs
that one receipt was there when a checkpoint was signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["Tree", "first_link", "link_of", "path_of", "root_by_path"]

_NODE: Final = b"\x01"
_LINK: Final = b"\x02"
_FIRST: Final = b"\x03"


def first_link(writer: str) -> bytes:
    """What the first receipt of a writer's chain follows."""
    return hashlib.sha256(_FIRST + writer.encode()).digest()


def link_of(previous: bytes, leaf: bytes) -> bytes:
    """
    The link of a receipt: it stands for this receipt and all before it.

    Args:
        previous: The link before, or `first_link`.
        leaf: The receipt's hash.
    """
    return hashlib.sha256(_LINK + previous + leaf).digest()


class Tree:
    """The root of a growing list of leaves, in memory that grows with its logarithm."""

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size: int = 0
        # Roots of full trees, each larger than the next.
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
        """The root over all leaves so far; the hash of nothing where there are none."""
        if not self._peaks:
            return hashlib.sha256().digest()
        node = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            node = _node(left, node)
        return node


def path_of(leaves: Iterable[bytes], index: int) -> list[bytes]:
    """
    What has to be known beside a leaf to come to the root.

    Args:
        leaves: All leaves; they are read once.
        index: Which of them, from 0.
    """
    path: list[bytes] = []
    peaks: list[tuple[int, bytes, bool]] = []
    for number, leaf in enumerate(leaves):
        level, node, has = 0, leaf, number == index
        while peaks and peaks[-1][0] == level:
            _, left, left_has = peaks.pop()
            node, has = _joined(left, left_has, node, has, path)
            level += 1
        peaks.append((level, node, has))
    if peaks:
        _, node, has = peaks.pop()
        for _, left, left_has in reversed(peaks):
            node, has = _joined(left, left_has, node, has, path)
    return path


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """
    The root that a leaf and its path come to; None where they fit no tree of this size.

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


def _joined(
    left: bytes, left_has: bool, right: bytes, right_has: bool, path: list[bytes]
) -> tuple[bytes, bool]:
    if left_has:
        path.append(right)
    elif right_has:
        path.append(left)
    return _node(left, right), left_has or right_has


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
