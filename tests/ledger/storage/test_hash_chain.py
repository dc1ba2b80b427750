"""The ledger's hashes: every change, removal or move gives another hash."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.ledger.storage.hash_chain import (
    Tree,
    first_link,
    inclusion_path,
    next_link,
    root_from_path,
)

# Test entries and roots of Certificate Transparency (RFC 6962).
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
ENTRIES += ["606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
LEAVES = [hashlib.sha256(b"\x00" + bytes.fromhex(entry)).digest() for entry in ENTRIES]


def leaf(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def root(leaves: list[bytes]) -> bytes:
    tree = Tree()
    for one in leaves:
        tree.add(one)
    assert tree.size == len(leaves)
    return tree.root()


sizes = st.integers(min_value=1, max_value=300)


@pytest.mark.parametrize(("size", "wanted"), ROOTS.items())
def test_trees_are_those_of_certificate_transparency(size: int, wanted: str) -> None:
    assert root(LEAVES[:size]).hex() == wanted


@given(st.data(), sizes)
def test_a_path_leads_from_each_leaf_to_the_root(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    leaves = [leaf(number) for number in range(size)]
    path = inclusion_path(iter(leaves), index)
    assert len(path) <= (size - 1).bit_length()
    assert root_from_path(leaves[index], index, size, path) == root(leaves)


@given(st.data(), st.integers(min_value=2, max_value=300))
def test_no_path_leads_from_another_leaf_to_the_root(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    leaves = [leaf(number) for number in range(size)]
    path = inclusion_path(leaves, index)
    wanted = root(leaves)
    assert root_from_path(leaf(-1), index, size, path) != wanted
    other = data.draw(st.integers(min_value=0, max_value=size - 1).filter(lambda n: n != index))
    assert root_from_path(leaves[index], other, size, path) != wanted


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [(-1, 2, [leaf(0)]), (2, 2, [leaf(0)]), (0, 0, []), (0, 2, []), (0, 1, [leaf(0)])],
)
def test_a_path_of_the_wrong_length_has_no_root(index: int, size: int, path: list[bytes]) -> None:
    assert root_from_path(leaf(1), index, size, path) is None


def test_a_tree_without_leaves_has_no_path() -> None:
    assert inclusion_path([], 0) == []


def link(writer: str, leaves: list[bytes]) -> bytes:
    found = first_link(writer)
    for one in leaves:
        found = next_link(found, one)
    return found


def test_the_last_link_depends_on_every_receipt() -> None:
    chain = link("w", [leaf(0), leaf(1)])
    others = [
        link("v", [leaf(0), leaf(1)]),
        link("w", [leaf(1), leaf(0)]),
        link("w", [leaf(0)]),
        link("w", [leaf(0), leaf(2)]),
        link("w", [leaf(0), leaf(1), leaf(1)]),
        first_link("w"),
    ]
    assert len({chain, *others}) == 1 + len(others)
