"""A real PostgreSQL for the tests: a temporary cluster.

Run as root, it drops to the user `postgres`, whom Debian's package makes: PostgreSQL refuses root.
"""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.system import postgres_folders

__all__ = ["Cluster", "cluster", "running"]

START_SECONDS = 120
# Wait until the other end of the pipe is closed.
_END = 'cat; "$1" -D "$2/data" -w -m immediate stop; rm -rf "$2"'


class Cluster:
    """
    One cluster, reached by a socket in its own folder.

    Args:
        folder: The folder of its files. The socket's path must be shorter than 108 bytes.
    """

    def __init__(self, folder: Path) -> None:
        #: The folder of its files, and of its socket.
        self.folder = folder
        self._bin = postgres_folders()[-1]
        #: The user of its processes, as arguments of `Popen`.
        self.user: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self.user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._databases = 0

    def url(self, database: str) -> str:
        """Return a database's URL."""
        return f"postgresql://test@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Create a database, and return its URL."""
        self._databases += 1
        name = f"ledger{self._databases}"
        self.run("createdb", "-h", str(self.folder), "-U", "test", name)
        return self.url(name)

    def make(self) -> None:
        """Create the cluster's files."""
        self.run(
            "initdb",
            *("-D", f"{self.folder}/data", "-U", "test", "-A", "trust", "--no-sync"),
            *("-E", "UTF8", "--no-locale"),
        )

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={self.folder} "
            # These tests do not cover a crash of the machine.
            "-c shared_buffers=32MB -c max_connections=60 -c fsync=off"
        )
        self.run(
            "pg_ctl",
            *("-D", f"{self.folder}/data", "-w", "-t", str(START_SECONDS)),
            *("-l", f"{self.folder}/log", "-o", options, "start"),
        )

    def copy_to(self, folder: Path) -> "Cluster":
        """Return a standby of this server in another folder, which is not started yet."""
        standby = Cluster(folder)
        standby.run(
            "pg_basebackup",
            *("-D", f"{folder}/data", "-h", str(self.folder), "-U", "test"),
            *("--write-recovery-conf", "--checkpoint=fast", "--no-sync"),
        )
        return standby

    def promote(self) -> None:
        """Make a standby the primary, and wait until it is."""
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-w", "promote")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; "immediate" is like a power failure."""
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-m", mode, "stop")

    @property
    def pid(self) -> int:
        """Return the server's process id."""
        return int((self.folder / "data/postmaster.pid").read_text().split("\n", 1)[0])

    @property
    def is_up(self) -> bool:
        """Return True if it is running."""
        return (self.folder / "data/postmaster.pid").exists()

    def program(self, name: str) -> Path:
        """Return the file of one of PostgreSQL's programs."""
        return self._bin / name

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the server's user."""
        subprocess.run(
            [str(self.program(program)), *arguments],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            **self.user,
        )


@contextmanager
def running(server: Cluster) -> Iterator[Cluster]:
    """
    Start a server, and stop it and delete its files at the end of the context.

    Another process does that, when this one closes a pipe, or has ended in any way: killed tests
    run no `finally`, and the server would run on.
    """
    with subprocess.Popen(
        ["sh", "-c", _END, "sh", str(server.program("pg_ctl")), str(server.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Signals to the tests' group do not end it.
        start_new_session=True,
        **server.user,
    ):
        server.start()
        yield server


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Run a cluster inside of the context."""
    made = Cluster(Path(tempfile.mkdtemp(prefix="cgpg-")))
    made.make()
    with running(made):
        yield made
