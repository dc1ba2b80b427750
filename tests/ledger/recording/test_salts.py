"""No two receipts have the same salt."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from cookiegate.ledger.recording.salts import SALT_BYTES, new_salt

MANY = 2000
FORKING = """
import os
from cookiegate.ledger.recording.salts import new_salt
new_salt()
child = os.fork()
if child:
    assert os.waitpid(child, 0)[1] == 0
os.write(1, b"".join(new_salt() for _ in range(300)))
"""


def some() -> list[bytes]:
    return [new_salt() for _ in range(MANY)]


def test_concurrent_threads_get_different_salts() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = [salt for part in pool.map(lambda _: some(), range(8)) for salt in part]
    assert len(set(found)) == 8 * MANY
    assert {len(salt) for salt in found} == {SALT_BYTES}


def test_a_forked_process_gets_other_salts_than_its_parent() -> None:
    # In a process with one thread, because others warn when they fork.
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORKING], check=True, capture_output=True, timeout=60
    )
    sent = ended.stdout
    salts = {sent[at : at + SALT_BYTES] for at in range(0, len(sent), SALT_BYTES)}
    assert len(sent) == 2 * 300 * SALT_BYTES
    assert len(salts) == 2 * 300
