"""`cookiegate completion`: scripts for shells, one of them run by a real bash."""

import subprocess
from pathlib import Path

import pytest

from tests.cli.runs import PROGRAM, call, command
from tests.registries import SHOP


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("bash", "_cookiegate_completion_setup;"),
        ("zsh", "#compdef cookiegate"),
        ("fish", "complete --no-files --command cookiegate"),
    ],
)
def test_each_shell_gets_a_script(shell: str, line: str) -> None:
    result = call("completion", shell)
    assert (result.exit_code, result.stderr) == (0, "")
    assert line in result.stdout


def test_an_unsupported_shell_is_wrong_usage() -> None:
    result = call("completion", "tcsh")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'tcsh' is not one of 'bash', 'fish', 'zsh'" in result.stderr


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["expl"], ["explain"]),
        (["explain", "_ga", "--consent", "ana"], ["analysis"]),
        (["explain", "_g"], ["_ga"]),
    ],
)
def test_bash_completes_commands_categories_and_names(
    tmp_path: Path, words: list[str], completed: list[str]
) -> None:
    (tmp_path / "cookiegate.toml").write_text(SHOP.format(policy="", analysis=""), "utf-8")
    line = " ".join(["cookiegate", *words])
    script = f"""
        PATH={PROGRAM.parent}:$PATH
        eval "$(cookiegate completion bash)"
        COMP_WORDS=({line}) COMP_CWORD={len(words)}
        $(complete -p cookiegate | sed 's/.*-F //; s/ .*//') cookiegate
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        text=True,
    )
    assert (ran.stdout.split(), ran.stderr) == (completed, "")


def test_the_shell_is_asked_to_complete_files(tmp_path: Path) -> None:
    ended = command(
        cwd=tmp_path,
        env={
            "_COOKIEGATE_COMPLETE": "bash_complete",
            "COMP_WORDS": "cookiegate explain --registry ",
            "COMP_CWORD": "3",
        },
    )
    assert (ended.code, ended.out) == (0, "file,\n")
