"""Run the command in this process, in a pipe and on a terminal."""

import os
import pty
import select
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from cookiegate.cli.group import cli

__all__ = ["Ended", "call", "command", "on_terminal"]

#: The installed command, in the same environment as Python.
PROGRAM = Path(sys.executable).parent / "cookiegate"

# How long a command may print nothing.
_TIMEOUT_SECONDS = 120
# How long to wait before pressing Ctrl-C again.
_AGAIN_SECONDS = 10
_CTRL_C = b"\x03"


def call(
    *arguments: str, env: Mapping[str, str | None] | None = None, stdin: str | None = None
) -> Result:
    """Run a command in this process, in a pipe, in the current folder."""
    runner = CliRunner(env={"COOKIEGATE_REGISTRY": None, **(env or {})})
    return runner.invoke(cli, arguments, input=stdin)


@dataclass(frozen=True)
class Ended:
    """The output of a process and its exit code. On a terminal both streams are one."""

    code: int
    out: str
    err: str = ""


def _environment(more: dict[str, str]) -> dict[str, str]:
    dropped = ("COLUMNS", "COOKIEGATE_", "FORCE_COLOR", "LINES", "NO_COLOR", "TTY_")
    env = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    return {**env, "TERM": "xterm-256color", **more}


def command(
    *arguments: str | bytes,
    cwd: Path,
    env: dict[str, str] | None = None,
    program: Sequence[str] = (),
) -> Ended:
    """Run the command in a new process, in pipes."""
    ran = subprocess.run(
        [*(program or [str(PROGRAM)]), *arguments],
        cwd=cwd,
        env=_environment(env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return Ended(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def on_terminal(
    *arguments: str,
    cwd: Path,
    columns: int = 80,
    answers: Sequence[tuple[str, str]] = (),
    env: dict[str, str] | None = None,
) -> Ended:
    """
    Run the command on a terminal.

    Args:
        arguments: The command's arguments.
        cwd: Where it runs.
        columns: The terminal's width.
        answers: Texts to wait for, each with the keys that are then typed.
        env: Additional variables of the environment.
    """
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (24, columns))
    # A new session with this as its terminal, so that Ctrl-C reaches it. Processes that a shell
    # starts in the background ignore SIGINT, and so would this one.
    start = (
        "import fcntl,os,signal,sys,termios;os.setsid();fcntl.ioctl(0,termios.TIOCSCTTY,0);"
        "signal.signal(signal.SIGINT,signal.SIG_DFL);"
        "os.execv(sys.argv[1],sys.argv[1:])"
    )
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", start, str(PROGRAM), *arguments],
        cwd=cwd,
        env=_environment(env or {}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    output, since = b"", 0
    waiting = list(answers)
    typed: bytes | None = None
    tries = 20
    try:
        while True:
            timeout = _AGAIN_SECONDS if typed == _CTRL_C else _TIMEOUT_SECONDS
            if not select.select([ours], [], [], timeout)[0]:
                # Ctrl-C has no effect before Python listens, so it is pressed again. Text waits in
                # the terminal, and must not be typed twice.
                if typed != _CTRL_C or tries == 0:
                    break
                tries -= 1
                os.write(ours, _CTRL_C)
                continue
            try:
                read = os.read(ours, 4096)
            except OSError:  # Linux: the other end is closed
                break
            if not read:
                break
            output += read
            if waiting and waiting[0][0].encode() in output[since:]:
                since = len(output)
                typed = waiting.pop(0)[1].encode()
                os.write(ours, typed)
        code = process.wait(_TIMEOUT_SECONDS)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return Ended(code, output.decode().replace("\r\n", "\n"))
