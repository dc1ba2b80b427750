"""Run the console blocks of a page and compare their output with the page.

In a ```console block, a line that begins with "$ " is a command, and lines that begin with "> "
continue it. The lines below are its exact output, standard output and standard error together.
A line `...` stands for any lines. After a command that fails, the next one must be `$ echo $?`.
`<!-- file: app.py -->` above any other block writes that block to a file.

One bash runs all blocks of a page, in one folder, from top to bottom.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["Step", "check_page", "read_steps"]

SECONDS = 120
# Separates the outputs of two commands.
MARK = "=== cookiegate console block ==="
BLOCK = re.compile(
    r"^(?:<!-- file: (?P<file>\S+) -->\n)?^(?P<indent> *)```(?P<language>\w*)[^\n]*\n"
    r"(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)


class Step(NamedTuple):
    """A command and its output lines, or a file: its path and its lines."""

    line: int
    command: str
    lines: list[str]
    is_file: bool = False

    @property
    def script(self) -> str:
        """The script for bash. The exit code of a command remains available to the next one."""
        if self.is_file:
            return f"printf '%s\\n' {shlex.join(self.lines)} > {shlex.quote(self.command)}\n"
        mark = f"__code=$?; printf '\\n%s %d\\n' {shlex.quote(MARK)} \"$__code\""
        return f'{self.command}\n{mark}; (exit "$__code")\n'


def read_steps(page: str) -> Iterator[Step]:
    """Yield the commands and files of a page, in order."""
    for found in BLOCK.finditer(page):
        first = page.count("\n", 0, found.start("text")) + 1
        lines = [line.removeprefix(found["indent"]) for line in found["text"].splitlines()]
        if found["file"]:
            yield Step(first, found["file"], lines, is_file=True)
        elif found["language"] == "console":
            yield from _commands(first, lines)


def _commands(first: int, lines: list[str]) -> Iterator[Step]:
    step: Step | None = None
    for number, line in enumerate(lines, first):
        if line.startswith("$ "):
            if step:
                yield step
            step = Step(number, line[2:], [])
        elif step is None:
            raise AssertionError(f"line {number}: the block does not begin with a command: {line}")
        elif line.startswith("> ") and not step.lines:
            step = step._replace(command=f"{step.command}\n{line[2:]}")
        else:
            step.lines.append(line)
    if step:
        yield step


def check_page(page: Path, folder: Path) -> None:
    """
    Run the blocks of a page in a folder.

    Raises:
        AssertionError: The output differs, a command failed without `$ echo $?` after it, or the
            page has no command.
    """
    steps = list(read_steps(page.read_text(encoding="utf-8")))
    commands = [step for step in steps if not step.is_file]
    assert commands, f"{page.name} has no console block"
    printed = _run("".join(step.script for step in steps), folder)
    assert len(printed) == len(commands), f"{page.name}: bash ended after {len(printed)} commands"
    for at, (step, (lines, code)) in enumerate(zip(commands, printed, strict=True)):
        where = f"{page.name}:{step.line}: $ {step.command}"
        assert _is_like(lines, step.lines), "\n".join(
            [where, "prints", *lines, "and not", *step.lines]
        )
        is_shown = at + 1 < len(commands) and commands[at + 1].command == "echo $?"
        assert code == 0 or is_shown, f"{where}\nfails with {code}; say so with: $ echo $?"


def _run(script: str, folder: Path) -> list[tuple[list[str], int]]:
    kept = ("LANG", "SSL_CERT_FILE", "SYSTEMROOT", "TMPDIR")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    env |= {"HOME": str(folder), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    # As in a shell with the activated virtual environment.
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # Beside the folder, so that the page's commands do not list it.
    output = folder.with_name(f"{folder.name}.output")
    with output.open("wb") as file:
        process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-c", script],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait(process.pid)
        finally:
            # End its background processes as well. Until `wait` its id stays the group's id.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    found = re.split(rf"\n{re.escape(MARK)} (\d+)\n", output.read_text(encoding="utf-8"))
    pairs = zip(found[0::2], found[1::2], strict=False)
    return [(text.splitlines(), int(code)) for text, code in pairs]


def _wait(pid: int) -> None:
    until = time.monotonic() + SECONDS
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        assert time.monotonic() < until, f"still running after {SECONDS} seconds"
        time.sleep(0.01)


def _is_like(lines: list[str], wanted: list[str]) -> bool:
    if not wanted:
        return not lines
    first, *rest = wanted
    if first == "...":
        return any(_is_like(lines[skipped:], rest) for skipped in range(len(lines) + 1))
    return lines[:1] == [first] and _is_like(lines[1:], rest)
