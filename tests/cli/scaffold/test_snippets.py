"""The code that installs the gate is valid in every framework."""

import pytest

from cookiegate.cli.scaffold.snippets import FRAMEWORKS, snippet_for


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_each_framework_gets_valid_code(framework: str) -> None:
    snippet = snippet_for(framework, "cookiegate.toml", is_default=True)
    compile(snippet.code, "snippet", "exec")
    assert 'cookiegate-report.db"' in snippet.code
    assert ("cookiegate.toml" in snippet.code) == (framework not in ("flask", "django"))
    assert "cookiegate keygen" in snippet.make_key


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("registry", ["shop.toml", 'odd".toml', "a\\b.toml"])
def test_the_code_names_another_registry_file(framework: str, registry: str) -> None:
    snippet = snippet_for(framework, registry, is_default=False)
    compile(snippet.code, "snippet", "exec")
    assert f'"{registry}"' in snippet.code or repr(registry) in snippet.code
