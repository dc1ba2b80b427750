"""Problems as text, and suggestions for misspelt words."""

import pickle
from datetime import date

import pytest

from cookiegate.errors import CookiegateError
from cookiegate.registry import Problem, RegistryError
from cookiegate.registry.errors import InvalidValueError, did_you_mean, in_toml, nearest, quoted


def test_a_problem_is_one_line_with_file_line_mistake_and_hint() -> None:
    problem = Problem("cookies.toml", 4, "unknown key 'nam' in [site]", "write 'name'")
    assert str(problem) == "cookies.toml:4: unknown key 'nam' in [site]; write 'name'"


def test_line_0_is_the_whole_file() -> None:
    assert str(Problem("cookies.toml", 0, "gone", "bring it back")) == (
        "cookies.toml: gone; bring it back"
    )


def test_the_error_is_a_value_error_with_every_problem() -> None:
    problems = [Problem("a", 1, "b", "c"), Problem("a", 2, "d", "e")]
    error = RegistryError(iter(problems))
    assert isinstance(error, ValueError)
    assert isinstance(error, CookiegateError)
    assert error.problems == tuple(problems)
    assert str(error) == "a:1: b; c\na:2: d; e"


def test_the_error_survives_pickling() -> None:
    error = RegistryError([Problem("a", 1, "b", "c")])
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


def test_an_invalid_value_error_has_mistake_and_hint() -> None:
    assert str(InvalidValueError("it is wrong", "write it right")) == "it is wrong; write it right"


def test_quoted_text_stays_on_one_short_printable_line() -> None:
    assert quoted("_ga") == "'_ga'"
    assert quoted("a\nb\u202ec") == r"'a\nb\u202ec'"
    assert quoted("x" * 1000) == "'" + "x" * 59 + "…'"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (False, "false"),
        (90, "90"),
        (date(2026, 11, 24), "2026-11-24"),
        ('say "\\"', '"say \\"\\\\\\""'),
        (["en", "sv"], '["en", "sv"]'),
        ({"dnt": "override"}, '{ dnt = "override" }'),
    ],
)
def test_values_are_shown_as_toml_writes_them(value: object, written: str) -> None:
    assert in_toml(value) == written


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("markting", "marketing"),
        ("Marketing", "marketing"),
        ("local", "local_storage"),
        ("local-storage", "local_storage"),
        ("lo", None),
        ("zebra", None),
        ("x" * 100_000, None),
    ],
)
def test_the_nearest_word_is_suggested(word: str, meant: str | None) -> None:
    assert nearest(word, {"marketing", "essential", "local_storage"}) == meant


def test_a_beginning_that_fits_two_words_suggests_neither() -> None:
    assert nearest("func", ["functional_things_a", "functional_things_b"]) is None


def test_the_order_of_the_known_words_does_not_matter() -> None:
    assert nearest("a b", ["a-b", "a_b"]) == nearest("a b", ["a_b", "a-b"]) == "a_b"


def test_did_you_mean_names_the_nearest_or_all() -> None:
    assert did_you_mean("markting", ["analysis", "marketing"]) == "write 'marketing'"
    assert did_you_mean("zebra", ["analysis", "marketing"]) == (
        "write one of 'analysis', 'marketing'"
    )
    assert did_you_mean("zebra", ["analysis"]) == "write 'analysis'"
    assert did_you_mean("zebra", []) == "leave it out"
