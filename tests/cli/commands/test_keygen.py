"""`cookiegate keygen`."""

import json
import sys
from pathlib import Path

import pytest

from cookiegate import Gate
from cookiegate.cli.run import run
from tests.cli.runs import call, on_terminal
from tests.registries import shop


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_each_key_is_new_and_accepted_by_a_gate(arguments: list[str]) -> None:
    results = [call("keygen", *arguments) for _ in range(2)]
    assert [result.exit_code for result in results] == [0, 0]
    assert [result.stderr for result in results] == ["", ""]
    if arguments:
        keys = [json.loads(result.stdout)["secret_key"] for result in results]
    else:
        keys = [result.stdout.removesuffix("\n") for result in results]
    assert keys[0] != keys[1]
    assert [len(key) for key in keys] == [43, 43]
    Gate(shop(), keys)


def test_on_a_terminal_a_hint_says_where_to_set_the_key(tmp_path: Path) -> None:
    key, *hint = on_terminal("keygen", cwd=tmp_path, columns=40).out.splitlines()
    assert len(key) == 43
    assert " ".join(hint).startswith("Set COOKIEGATE_SECRET_KEY to this key where the site runs")
    assert max(map(len, hint)) <= 40


def test_the_hint_goes_to_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    with pytest.raises(SystemExit):
        run(["keygen"])
    out, err = capsys.readouterr()
    assert len(out) == 44
    assert err.startswith("Set COOKIEGATE_SECRET_KEY")
