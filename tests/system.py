"""The programs of the operating system that some tests need: what they are, and how to get them.

A test says ``@pytest.mark.needs("chromium")``; ``conftest.py`` leaves it out when the part is
missing and lets the run fail once, with the line that installs it. Run as a program
(``make deps``), this module installs the missing parts when root and prints that line otherwise.
It runs before anything is installed, so it uses the standard library alone.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

WITHOUT = "COOKIEGATE_WITHOUT"

# Fetching and unpacking a browser on a slow line; a hanging mirror must not hang the tests.
INSTALL_SECONDS = 900
# Debian has a folder in it for each version.
POSTGRES = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A program that tests need, its Debian package, and how to see that it is there."""

    name: str
    package: str
    is_there: Callable[[], bool]
    #: Only tests marked "long" need it, which `make test` leaves alone.
    is_long: bool = False


def postgres_folders() -> list[Path]:
    """The folders of PostgreSQL's programs, the newest last."""
    found = [path.parent for path in POSTGRES.glob("*/bin/initdb")]
    if found:
        return sorted(found, key=lambda folder: int(folder.parent.name))
    elsewhere = shutil.which("initdb")
    return [Path(elsewhere).parent] if elsewhere else []


PARTS: Mapping[str, Part] = {
    part.name: part
    for part in (
        Part(
            name="chromium",
            package="chromium",
            is_there=lambda: shutil.which("chromium") is not None,
        ),
        Part(
            name="firefox",
            package="firefox-esr",
            is_there=lambda: shutil.which("firefox-esr") is not None,
            is_long=True,
        ),
        Part(
            name="postgres",
            package="postgresql",
            is_there=lambda: bool(postgres_folders()),
        ),
        Part(
            name="valgrind",
            package="valgrind",
            is_there=lambda: shutil.which("valgrind") is not None,
        ),
        Part(
            name="nginx",
            package="nginx-light",
            is_there=lambda: shutil.which("nginx") is not None,
            is_long=True,
        ),
        Part(
            name="wrk",
            package="wrk",
            is_there=lambda: shutil.which("wrk") is not None,
            is_long=True,
        ),
    )
}


def left_out(value: str) -> frozenset[str]:
    """Read COOKIEGATE_WITHOUT: names of parts with commas between them.

    Raises:
        ValueError: A word is not the name of a part.
    """
    words = [word.strip() for word in value.split(",")]
    names = frozenset(word for word in words if word)
    known = sorted(PARTS)
    for name in sorted(names.difference(known)):
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        raise ValueError(f"{WITHOUT}: there is no part {name!r}; {hint}")
    return names


def missing(names: Iterable[str]) -> list[str]:
    """Say which of these parts this machine lacks, in order."""
    return sorted(name for name in set(names) if not PARTS[name].is_there())


def install_line(names: Iterable[str]) -> str:
    """Write the one line that installs these parts."""
    packages = " ".join(PARTS[name].package for name in names)
    return f"sudo apt-get update && sudo apt-get install --no-install-recommends {packages}"


def install(names: Iterable[str]) -> str | None:
    """Install these parts with apt-get; give back what went wrong, if anything did."""
    packages = [PARTS[name].package for name in names]
    quietly = ["apt-get", "-qq", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300"]
    # A list of packages that could not be renewed may still do: only the install's word counts.
    steps = [
        [*quietly, "update"],
        [*quietly, "install", "--yes", "--no-install-recommends", *packages],
    ]
    # apt-get does not wait for another update, so whole installs take turns.
    turn = os.open("/var/lib/dpkg", os.O_RDONLY)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        for step in steps:
            run = subprocess.run(
                step,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=INSTALL_SECONDS,
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    finally:
        os.close(turn)
    return run.stdout.strip() or f"apt-get ended with {run.returncode}" if run.returncode else None


def main(names: Iterable[str] = ()) -> int:
    """
    Install what is missing, or print the line that does; 1 when something stays missing.

    Args:
        names: The parts to see to; without any, those that `make test` needs.
    """
    wanted = set(names) or {name for name, part in PARTS.items() if not part.is_long}
    try:
        lacking = missing(wanted - left_out(os.environ.get(WITHOUT, "")))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if not lacking:
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing for the tests: {', '.join(lacking)}", flush=True)
        trouble = install(lacking)
        lacking = missing(lacking)
        if trouble and lacking:
            print(trouble, file=sys.stderr)
    if lacking:
        print(f"Missing for the tests: {', '.join(lacking)}. To install:", file=sys.stderr)
        print(install_line(lacking), file=sys.stderr)
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
