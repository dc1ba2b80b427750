"""Exit codes, and what happens if something is missing or fails."""

import errno
import importlib
import io
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

import cookiegate.cli
from cookiegate.cli import run as module
from cookiegate.cli.run import run

from .runs import PROGRAM, command, on_terminal


def code_of(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    return ended.value.code


class Terminal(io.StringIO):
    """Standard input that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def test_success_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("--version") == 0
    assert code_of("keygen") == 0
    assert capsys.readouterr().err == ""


def test_wrong_usage_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("keygen", "--jsn") == 2
    out, err = capsys.readouterr()
    assert (out, "--json" in err) == ("", True)


def test_a_process_with_a_full_disk_ends_with_2_and_one_line(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [PROGRAM, "keygen"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert ran.returncode == 2
    assert (
        ran.stderr
        == b"Error: the output could not be written completely: No space left on device\n"
    )


def test_an_unexpected_system_error_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def broken() -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(module, "cli", broken)
    with pytest.raises(OSError, match="Bad file"):
        run([])


def test_a_shell_gets_completions(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "_COOKIEGATE_COMPLETE": "bash_complete",
        "COMP_WORDS": "cookiegate key",
        "COMP_CWORD": "1",
    }.items():
        monkeypatch.setenv(name, value)
    assert code_of() == 0
    assert capsys.readouterr().out == "plain,keygen\n"


def test_the_end_of_input_at_a_question_ends_with_130(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    assert code_of("init") == 130
    assert "Traceback" not in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_quietly_with_130(tmp_path: Path) -> None:
    ended = on_terminal("init", cwd=tmp_path, answers=[("name", "\x03")])
    assert ended.code == 130
    assert "Aborted" not in ended.out
    assert "Traceback" not in ended.out
    assert list(tmp_path.iterdir()) == []


def test_a_broken_pipe_ends_with_141(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert code_of("keygen") == 141
        monkeypatch.undo()


def test_a_full_disk_ends_with_2_and_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open("/dev/full", "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert code_of("keygen") == 2
        monkeypatch.undo()
    assert capsys.readouterr().err == (
        "Error: the output could not be written completely: No space left on device\n"
    )


def test_another_error_of_the_disk_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(length: int) -> str:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr("secrets.token_urlsafe", broken)
    with pytest.raises(OSError, match="broken"):
        code_of("keygen")


def test_a_process_with_a_broken_pipe_ends_quietly(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [PROGRAM, "keygen"], stdout=writer, stderr=subprocess.PIPE, cwd=tmp_path, check=False
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_characters_that_the_encoding_lacks_are_escaped(tmp_path: Path) -> None:
    ended = command(
        "explain",
        "före=1",
        "--registry",
        "cookiegate:starter",
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "ascii"},
    )
    assert ended.code == 0
    assert "f\\xf6re" in ended.out


@pytest.mark.parametrize(("module", "needs"), [("click", "click"), ("rich.console", "rich")])
def test_without_the_extra_the_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    module: str,
    needs: str,
) -> None:
    for name in [name for name in sys.modules if name.startswith("cookiegate.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(
        sys, "argv", ["cookiegate", "explain", "a", "--registry", "cookiegate:starter"]
    )
    with pytest.raises(SystemExit) as ended:
        cookiegate.cli.main()
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert (out, err) == (
        "",
        f"cookiegate: the command needs {needs}; install it with: pip install 'cookiegate[cli]'\n",
    )


def test_another_missing_module_is_raised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "cookiegate.cli.run", None)
    with pytest.raises(ModuleNotFoundError):
        cookiegate.cli.main()


@pytest.mark.parametrize("module", ["cookiegate.__main__", "cookiegate.cli.__main__"])
def test_importing_the_main_modules_runs_nothing(module: str) -> None:
    assert importlib.import_module(module).main is cookiegate.cli.main


def test_the_shell_completes_registry_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "_COOKIEGATE_COMPLETE": "bash_complete",
        "COMP_WORDS": "cookiegate explain --registry sho",
        "COMP_CWORD": "3",
    }.items():
        monkeypatch.setenv(name, value)
    assert code_of() == 0
    assert capsys.readouterr().out == "file,sho\n"


def test_output_may_be_replaced_by_any_text_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    assert code_of("--version") == 0
    assert stream.getvalue().startswith("cookiegate ")
