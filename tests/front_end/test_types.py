"""The types of `cookiegate.mjs` hold under TypeScript's strict rules."""

import shutil
from pathlib import Path

import pytest

from tests.front_end.minify import FOLDER
from tests.front_end.packages import HERE, tsc

pytestmark = pytest.mark.slow

STRICT = ["--strict", "--noEmit", "--target", "es2023", "--lib", "es2023,dom"]


@pytest.mark.parametrize(
    "resolution",
    [["--module", "nodenext"], ["--module", "esnext", "--moduleResolution", "bundler"]],
)
def test_a_site_imports_the_module_with_its_types(tmp_path: Path, resolution: list[str]) -> None:
    for path in [*FOLDER.glob("cookiegate.*"), HERE / "types.mts"]:
        shutil.copy(path, tmp_path)
    tsc(*STRICT, *resolution, tmp_path / "types.mts")


def test_the_types_name_what_the_module_exports() -> None:
    declared = (FOLDER / "cookiegate.d.ts").read_text().split("export declare function ")[1:]
    module = (FOLDER / "cookiegate.mjs").read_text().split("export const ")[1:]
    names = [
        {text.split("(")[0].split("<")[0].split(" =")[0] for text in one}
        for one in (
            declared,
            module,
        )
    ]
    assert names[0] == names[1] == {"allows", "on", "choose", "grant", "withdraw", "refresh"}
