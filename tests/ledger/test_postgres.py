"""The tests end the servers that they start, however they end themselves."""

import os
import select
import subprocess
import sys
from signal import SIGKILL

import pytest

pytestmark = pytest.mark.needs("postgres")

RUN = """
from tests.ledger.postgres import cluster
with cluster() as server:
    print(server.pid, flush=True)
    input()
"""
SECONDS = 60


@pytest.mark.parametrize("is_killed", [True, False])
def test_a_server_ends_with_the_process_that_started_it(is_killed: bool) -> None:
    command = [sys.executable, "-c", RUN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tests:
        assert tests.stdin is not None
        assert tests.stdout is not None
        server = os.pidfd_open(int(tests.stdout.readline()))
        try:
            if is_killed:
                tests.send_signal(SIGKILL)
            else:
                tests.stdin.write(b"\n")
                tests.stdin.flush()
            ended, _, _ = select.select([server], [], [], SECONDS)
        finally:
            os.close(server)
    assert ended
