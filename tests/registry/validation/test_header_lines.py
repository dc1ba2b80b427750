"""Headers of an array of tables are found without reading what is below them."""

import tomllib

from hypothesis import given

from cookiegate.registry.validation.header_lines import header_lines

from .test_line_locator import Writer, documents


@given(documents())
def test_the_headers_of_an_array_are_found_without_reading_the_rest(writer: Writer) -> None:
    text = "\n".join(writer.lines)
    rows = tomllib.loads(text).get("a", [])
    expected = (
        [writer.expected[("a", n)] for n in range(len(rows))] if isinstance(rows, list) else []
    )
    assert header_lines(text, "a") == expected


def test_headers_inside_texts_and_comments_do_not_count() -> None:
    text = 'x = """\n[[cookies]]\n"""\n# [[cookies]]\n\t[[cookies]] # yes\ny = """\n[[cookies]]"""'
    assert header_lines(text, "cookies") == [5]


def test_headers_are_found_in_a_file_without_long_texts() -> None:
    text = "[[cookies]]\n# [[cookies]]\nx = '[[cookies]]'\n[[ cookies ]] # yes\n [[cookies.x]]\n"
    assert header_lines(text, "cookies") == [1, 4]
    assert header_lines(text.replace("\n", "\r\n"), "cookies") == [1, 4]
    assert header_lines(f'{text}y = """\n[[cookies]]"""', "cookies") == [1, 4]
