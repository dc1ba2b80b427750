"""Entries: what they inherit, and that what they refer to exists."""

import pytest

from tests.registry.texts import problems

# Lines 1 to 6, and 6 to 11 of the file they are read in.
TABLES = """\
[categories.analysis]
[services.plain]
provider = "Plain"
[services.counter]
category = "analysis"
domain = "counter.example"
"""


def cookies(*entries: str) -> str:
    """Return a file in which the first entry's header is on line 7."""
    return TABLES + "".join(f"[[cookies]]\n{entry}\n" for entry in entries)


def entry(name: str, *lines: str, category: str = "analysis") -> str:
    return "\n".join([f"name = {name}", f"category = '{category}'", *lines])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("name = 'a'", "7: 'a' has no category; write category = \"essential\""),
        ("name = ['a', 'b']", "7: 'a' has no category; write category = \"essential\""),
        (
            "name = 'a'\nservice = 'plain'",
            "7: 'a' has no category, and neither has its service "
            "'plain'; write category = \"essential\" here or in [services.plain]",
        ),
        (
            "name = 'a'\nservice = 'countr'",
            "9: unknown service 'countr'; write 'counter', or add [services.countr]",
        ),
        (
            "name = 'a'\ncategory = 'analysis'\nservice = 'Zz Q'",
            "10: unknown service 'Zz Q'; "
            "add [services.zz-q], or leave service out where the site sets it itself",
        ),
        (
            "name = 'a'\ncategory = 'analysis'\nservice = ''",
            "10: 'service' is blank; "
            "write the id of a service, or leave the key out where the site sets it itself",
        ),
        (
            "name = 'a'\ncategory = ' '",
            "9: 'category' is blank; write one of 'essential', 'analysis'",
        ),
        (
            "name = 'a'\ncategory = 'essentail'",
            "9: unknown category 'essentail'; write 'essential', or add [categories.essentail]",
        ),
        (
            "name = 'a'\nservice = 'counter'\nexpires = '3 dayz'",
            "10: unknown unit 'dayz' in lifetime '3 dayz'; write \"3 days\"",
        ),
    ],
)
def test_an_entry_refers_to_known_tables(lines: str, expected: str) -> None:
    assert problems(cookies(lines)) == [expected]
