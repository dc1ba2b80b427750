"""No two receipts share a salt, whoever makes them."""

import os
from concurrent.futures import ThreadPoolExecutor

from cookiegate.ledger.recording.salts import SALT_BYTES, new_salt

MANY = 2000


def some() -> list[bytes]:
    return [new_salt() for _ in range(MANY)]


def test_salts_differ_in_threads_that_take_them_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = [salt for part in pool.map(lambda _: some(), range(8)) for salt in part]
    assert len(set(found)) == 8 * MANY
    assert {len(salt) for salt in found} == {SALT_BYTES}


def test_a_forked_process_is_not_given_the_salts_of_its_parent() -> None:
    new_salt()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writing, b"".join(new_salt() for _ in range(300)))
        os._exit(0)
    os.waitpid(pid, 0)
    sent = os.read(reading, 300 * SALT_BYTES)
    os.close(reading)
    os.close(writing)
    theirs = {sent[at : at + SALT_BYTES] for at in range(0, len(sent), SALT_BYTES)}
    assert len(theirs) == 300
    assert theirs.isdisjoint(new_salt() for _ in range(300))
