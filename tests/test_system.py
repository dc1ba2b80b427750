"""The rule for tests that need a program of the operating system."""

from pathlib import Path

import pytest

from tests import system

ONE_OF_EACH = """
    import pytest

    def test_plain(): pass

    @pytest.mark.needs("chromium")
    def test_with_a_browser(): pass
"""


def take_all_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(system, "POSTGRES", Path("/nowhere"))


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A test suite with this project's conftest, on a machine that has no programs at all."""
    take_all_programs(monkeypatch)
    monkeypatch.delenv(system.WITHOUT, raising=False)
    pytester.makeconftest("from tests.conftest import *")
    pytester.makepyfile(ONE_OF_EACH)
    return pytester


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_a_missing_part_fails_the_run_once_after_everything_else_ran(
    inner: pytest.Pytester, workers: int
) -> None:
    result = inner.runpytest("-n", str(workers))
    # Each worker deselects for itself; the controller does not count that.
    result.assert_outcomes(passed=1, deselected=0 if workers else 1)
    result.stdout.fnmatch_lines(
        ["chromium: 1 test (missing on this machine)", "*apt-get install*chromium"]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_part_left_out_on_demand_is_listed_and_does_not_fail_the_run(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(system.WITHOUT, "chromium, postgres")
    result = inner.runpytest()
    result.assert_outcomes(passed=1, deselected=1)
    result.stdout.fnmatch_lines([f"chromium: 1 test (left out by {system.WITHOUT})"])
    result.stdout.no_fnmatch_line("*apt-get*")
    assert result.ret == pytest.ExitCode.OK


def test_a_part_left_out_on_demand_is_left_out_where_it_is_there(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "missing", lambda names: [])
    monkeypatch.setenv(system.WITHOUT, "chromium")
    inner.runpytest().assert_outcomes(passed=1, deselected=1)


def test_nothing_is_said_when_nothing_is_missing(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "missing", lambda names: [])
    result = inner.runpytest()
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*not run*")


def test_a_test_that_was_not_asked_for_is_not_missed(inner: pytest.Pytester) -> None:
    result = inner.runpytest("-k", "plain")
    assert result.ret == pytest.ExitCode.OK


def test_a_failed_run_stays_failed_beside_a_missing_part(inner: pytest.Pytester) -> None:
    inner.makepyfile(test_bad="def test_bad(): assert False")
    result = inner.runpytest()
    result.assert_outcomes(passed=1, failed=1, deselected=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_an_unknown_word_is_an_error_with_a_suggestion(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(system.WITHOUT, "chronium")
    result = inner.runpytest()
    result.stderr.fnmatch_lines(["*there is no part 'chronium'; did you mean chromium[?]"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_a_marker_with_an_unknown_part_is_an_error(inner: pytest.Pytester) -> None:
    inner.makepyfile(
        test_odd="""
        import pytest
        @pytest.mark.needs("crystal ball")
        def test_odd(): pass
        """
    )
    result = inner.runpytest()
    result.assert_outcomes(passed=1, errors=1, deselected=1)
    result.stdout.fnmatch_lines(["needs 'crystal ball', which is not a known part"])


def test_an_empty_list_leaves_nothing_out() -> None:
    assert system.left_out("") == frozenset()
    assert system.left_out(" , ") == frozenset()


def test_someone_who_is_not_root_gets_the_line_to_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(system.WITHOUT, raising=False)
    take_all_programs(monkeypatch)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert system.main() == 1
    output = capsys.readouterr().err
    assert output.splitlines()[-1] == system.install_line(["chromium", "postgres", "valgrind"])


def test_a_part_that_only_long_tests_need_is_installed_when_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(system.WITHOUT, raising=False)
    monkeypatch.setattr(system, "missing", sorted)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    everything = ["chromium", "postgres", "valgrind"]
    for names, asked_for in (([], everything), (["firefox"], ["firefox"])):
        assert system.main(names) == 1
        assert capsys.readouterr().err.splitlines()[-1] == system.install_line(asked_for)


def test_the_command_does_nothing_for_a_part_that_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(system.WITHOUT, "chromium, postgres, valgrind")
    take_all_programs(monkeypatch)
    assert system.main() == 0
    assert capsys.readouterr() == ("", "")


def test_of_several_postgresqls_the_newest_comes_last(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(system, "POSTGRES", tmp_path)
    for version in ("9", "15", "16"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        # One that is only half there cannot be used.
        (folder / ("psql" if version == "16" else "initdb")).touch()
    assert system.postgres_folders() == [tmp_path / "9/bin", tmp_path / "15/bin"]


def test_a_postgresql_that_is_no_debian_package_is_found_on_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    take_all_programs(monkeypatch)
    assert system.missing(["postgres"]) == ["postgres"]
    (tmp_path / "initdb").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert system.postgres_folders() == [tmp_path]
    assert system.missing(["postgres"]) == []
