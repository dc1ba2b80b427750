"""What is published: the archives, what they hold, and what an installation brings along."""

import configparser
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

import cookiegate

# One worker builds the archives.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]

ROOT = Path(__file__).parents[1]

ASK = """
import importlib.metadata, importlib.resources, json, cookiegate
from cookiegate import Registry
print(json.dumps({
    "file": cookiegate.__file__,
    "version": importlib.metadata.version("cookiegate"),
    "typed": importlib.resources.files("cookiegate").joinpath("py.typed").is_file(),
    "installed": sorted(d.name.lower() for d in importlib.metadata.distributions()),
    "speedups": cookiegate.__speedups__,
    "entries": {
        name: len(Registry.load(f"cookiegate:{name}").entries) for name in ("billogram", "starter")
    },
}))
"""


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist and the wheel made from it; the tree they were built from is gone."""
    folder = tmp_path_factory.mktemp("archives")
    source = folder / "source"
    shutil.copytree(
        ROOT,
        source,
        ignore=shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "*.so", "build", "dist"),
    )
    shutil.copytree(ROOT / ".ci", source / ".ci")
    made = folder / "made"
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", made, source],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    shutil.rmtree(source)
    return made


@pytest.fixture(scope="module")
def installed(archives: Path) -> dict[str, Any]:
    """What a fresh environment says that holds the wheel and nothing else."""
    home = archives.parent / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    (wheel,) = archives.glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "-qq", wheel], check=True
    )
    # Debug allocators stop a process that frees memory wrongly, also while it ends.
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    run = subprocess.run(
        [python, "-P", "-c", ASK],
        check=True,
        cwd=archives,
        env={**env, "PYTHONMALLOC": "debug"},
        stdout=subprocess.PIPE,
    )
    answer: dict[str, Any] = json.loads(run.stdout)
    assert Path(answer["file"]).is_relative_to(home)
    return answer


@pytest.fixture(scope="module")
def without_compiler(archives: Path) -> subprocess.CompletedProcess[str]:
    """What pip says when it builds a wheel where no compiler is; the wheel is in `plain`."""
    (sdist,) = archives.glob("*.tar.gz")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-cache-dir"]
    return subprocess.run(
        [*command, "--wheel-dir", archives.parent / "plain", sdist],
        env={**os.environ, "CC": "/nonexistent/cc"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_wheel_brings_its_two_requirements_and_nothing_else(installed: dict[str, Any]) -> None:
    assert installed["installed"] == ["cookiegate", "itsdangerous", "msgspec"]


def test_the_installed_registries_load_without_the_source_tree(installed: dict[str, Any]) -> None:
    assert installed["entries"]["billogram"] == 45
    assert installed["entries"]["starter"] > 0


def test_the_installed_package_is_typed_and_has_the_projects_version(
    installed: dict[str, Any],
) -> None:
    assert installed["typed"]
    assert installed["version"] == cookiegate.__version__


def test_the_wheel_holds_the_package_and_the_registries_only(archives: Path) -> None:
    (wheel,) = archives.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"cookiegate"}
    assert [name for name in names if "test" in name] == ["cookiegate/testing.py"]
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "cookiegate").rglob("*.py")}
    assert modules <= set(names)
    folder = "cookiegate/_registry_data/"
    data = {name.removeprefix(folder) for name in names if name.startswith(folder)}
    shipped = (ROOT / "registry").rglob("*.*")
    kept = {str(path.relative_to(ROOT / "registry")) for path in shipped if path.suffix != ".pyc"}
    assert data == kept
    assert "starter/sv.toml" in data


def test_the_wheel_is_for_one_platform_only_if_the_loops_in_c_are_in_it(
    archives: Path, installed: dict[str, Any]
) -> None:
    (wheel,) = archives.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    has_c = any(name.startswith("cookiegate/_speedups.") and ".pyi" not in name for name in names)
    assert ("-cp311-abi3-" in wheel.name) is has_c
    assert ("-py3-none-any" in wheel.name) is not has_c
    assert installed["speedups"] == ("c" if has_c else "pure")
    assert "cookiegate/_speedups.pyi" in names
    assert "cookiegate/_speedups.c" not in names


def test_without_a_compiler_a_wheel_is_built_for_every_platform(
    archives: Path, without_compiler: subprocess.CompletedProcess[str]
) -> None:
    assert without_compiler.returncode == 0, without_compiler.stdout
    (wheel,) = (archives.parent / "plain").glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name for name in names if "_speedups" in name} == {"cookiegate/_speedups.pyi"}


def test_without_a_compiler_pip_says_nothing_frightening(
    without_compiler: subprocess.CompletedProcess[str],
) -> None:
    for word in ("error", "fail", "warning", "traceback"):
        assert word not in without_compiler.stdout.lower()


def test_the_source_archive_can_be_tested_and_belongs_to_nobody(archives: Path) -> None:
    (sdist,) = archives.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        members = archive.getmembers()
    names = {member.name.partition("/")[2] for member in members}
    assert {"Makefile", "tests/conftest.py", "tests/data/demo_expected.csv"} <= names
    assert {"examples/templates/base.html", "registry/billogram.toml", "LICENSE"} <= names
    assert {"cookiegate/_speedups.c", "cookiegate/_speedups.pyi"} <= names
    assert {(member.uname, member.gname) for member in members} == {("root", "root")}


def test_the_extra_all_is_the_sum_of_the_extras() -> None:
    extras = pyproject()["project"]["optional-dependencies"]
    every = extras.pop("all")
    assert every == [f"cookiegate[{','.join(sorted(extras))}]"]


def test_no_tool_has_a_section_in_both_configuration_files() -> None:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    # "tool:pytest" and "mypy-cookiegate.x" belong to pytest and mypy.
    in_cfg = {name.removeprefix("tool:").split(":")[0].split("-")[0] for name in parser.sections()}
    in_toml = set(pyproject()["tool"]) | set(pyproject()["tool"].get("distutils", {}))
    assert in_cfg.isdisjoint(in_toml | {"metadata", "options"})
