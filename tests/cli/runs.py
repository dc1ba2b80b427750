"""Runs the command as people and scripts do."""

import os
import pty
import select
import subprocess
import sys
import termios
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from cookiegate.cli.group import cli

__all__ = ["Ended", "call", "command", "on_terminal"]

#: The command that the environment's installation has put beside Python.
PROGRAM = Path(sys.executable).parent / "cookiegate"

# How long a command may say nothing.
_PATIENCE_SECONDS = 120
# After which Ctrl-C is pressed again that had no effect.
_AGAIN_SECONDS = 10
_CTRL_C = b"\x03"


def call(*arguments: str, env: dict[str, str] | None = None, stdin: str | None = None) -> Result:
    """Run a command in this process, in a pipe, in the current folder."""
    runner = CliRunner(env={"COOKIEGATE_REGISTRY": None, **(env or {})})
    return runner.invoke(cli, arguments, input=stdin)


@dataclass(frozen=True)
class Ended:
    """What a process printed (on a terminal both streams are one) and its exit code."""

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
    """Run the command as a process of its own, in pipes."""
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
        arguments: Those of the command.
        cwd: Where it runs.
        columns: The terminal's width.
        answers: What is waited for, and the keys that are then typed, one after the other.
        env: More of the environment.
    """
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (24, columns))
    # A session of its own with this as its terminal, so that Ctrl-C reaches it, and is heeded:
    # what a shell starts in the background ignores it, and so do all processes below.
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
    shown, since = b"", 0
    waiting = list(answers)
    typed: bytes | None = None
    tries = 20
    try:
        while True:
            patience = _AGAIN_SECONDS if typed == _CTRL_C else _PATIENCE_SECONDS
            if not select.select([ours], [], [], patience)[0]:
                # It came while Python was not listening: people press it again. A line waits in
                # the terminal, and a second one would answer the next question.
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
            shown += read
            if waiting and waiting[0][0].encode() in shown[since:]:
                since = len(shown)
                typed = waiting.pop(0)[1].encode()
                os.write(ours, typed)
        code = process.wait(_PATIENCE_SECONDS)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return Ended(code, shown.decode().replace("\r\n", "\n"))
