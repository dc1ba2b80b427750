"""The runner of console blocks notices each difference between a page and the output."""

import fcntl
from pathlib import Path

import pytest

from tests.consoleblocks import check_page


def check(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    check_page(page, folder)


def console(*lines: str) -> str:
    return "\n".join(["```console", *lines, "```", ""])


@pytest.mark.parametrize(
    "text",
    [
        console("$ echo one", "one", "$ echo; echo two", "", "two"),
        # Output without a newline at its end, and output on standard error.
        console("$ printf one", "one", "$ printf 'two\\n\\n' >&2", "two", ""),
        # Variables, files and the current folder stay from one block to the next.
        console("$ a=1; mkdir b; cd b; touch c") + "Text.\n" + console("$ echo $a *", "1 c"),
        console("$ cat <<END", "> one", ">  two", "> END", "one", " two"),
        console("$ seq 9", "1", "...", "8", "9", "$ seq 3", "...", "$ true", "..."),
        console("$ false", "$ echo $?", "1"),
        "1. Indented:\n\n   ```console\n   $ echo ' one'\n    one\n   ```\n",
        "<!-- file: a.py -->\n```python\nprint('ä')\n\n```\n"
        + console("$ cat a.py", "print('ä')", ""),
        "```\n$ not run\n```\n" + console("$ ls"),
        console("$ python -c 'import cookiegate'"),
    ],
)
def test_a_page_with_the_right_output_passes(tmp_path: Path, text: str) -> None:
    check(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (console("$ echo one", "two"), "page.md:2: $ echo one\nprints\none\nand not\ntwo"),
        (console("$ echo one"), "prints\none"),
        (console("$ echo one", "one", ""), "prints\none"),
        (console("$ true", "one"), "and not\none"),
        (console("$ seq 9", "1", "...", "8"), "prints"),
        (console("$ seq 9", "...", "8", "7", "..."), "prints"),
        (console("$ false"), "fails with 1; say so"),
        (console("$ false", "$ echo so", "so"), "fails with 1; say so"),
        (console("$ false", "$ echo $?", "0"), "prints\n1"),
        (console("$ exit 0", "$ echo one", "one"), "bash ended after 0 commands"),
        (console("$ echo 'one", "$ echo two", "two"), "bash ended after"),
        (console("one", "$ true"), "line 2: the block does not begin with a command: one"),
        ("Text, and ```nothing``` else.\n", "page.md has no console block"),
    ],
)
def test_a_page_with_another_output_fails(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AssertionError) as caught:
        check(tmp_path, text)
    assert message in str(caught.value)


def test_background_processes_are_ended(tmp_path: Path) -> None:
    check(tmp_path, console("$ exec 9> lock", "$ flock 9", "$ sleep 600 &"))
    with (tmp_path / "folder/lock").open() as lock:
        # Waits until no process holds the lock.
        fcntl.flock(lock, fcntl.LOCK_EX)
