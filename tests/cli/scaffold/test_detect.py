"""A project's frameworks and packages are detected from its files."""

import os
from pathlib import Path

import pytest

from cookiegate.cli.scaffold.detect import detect_project


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files, with their folders."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_virtual_environments_and_broken_links_are_skipped(tmp_path: Path) -> None:
    write(tmp_path, {"env/app.py": "import flask\n", "mine/app.py": "import django\n"})
    (tmp_path / "mine" / "pyvenv.cfg").write_text("")
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    assert detect_project(tmp_path).frameworks == ()


def test_the_number_of_files_that_are_read_is_limited(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "b.py": "import flask\n"})
    assert detect_project(tmp_path, max_files=1).frameworks == ()
    assert detect_project(tmp_path).frameworks == ("flask",)


def test_each_package_is_named_with_the_place_where_it_was_found(tmp_path: Path) -> None:
    code = "import flask_seasurf\n\nfrom flask import Flask\nimport os, quart_auth\n"
    write(tmp_path, {"app.py": code})
    (tmp_path / "requirements.txt").write_text("x\nflask-login\n")
    (tmp_path / "uv.lock").write_text('name = "flask-wtf"\n')
    project = detect_project(tmp_path)
    assert project.frameworks == ("flask",)
    assert project.uses == {
        "flask": "app.py:3",
        "flask-login": "requirements.txt:2",
        "flask-seasurf": "app.py:1",
        "flask-wtf": "uv.lock:1",
        "quart-auth": "app.py:4",
    }


@pytest.mark.parametrize(
    "line",
    [
        "import flask_login",
        "import flask_login as login, os",
        "from flask_login import LoginManager",
        "from flask_login.utils import x",
        "    import os, flask_login.utils",
        "import os; x = 1\nimport flask_login  # login",
        "from flask_login import (\n    LoginManager,\n)",
    ],
)
def test_every_form_of_an_import_is_found(tmp_path: Path, line: str) -> None:
    write(tmp_path, {"app.py": f"{line}\n"})
    assert "flask-login" in detect_project(tmp_path).uses


@pytest.mark.parametrize(
    "line",
    [
        "from .flask_login import x",
        "from . import flask_login",
        "import flask_login_x",
        "import x.flask_login",
        "# import flask_login",
        "important flask_login",
        "x = 'import flask_login'",
    ],
)
def test_what_is_no_import_of_a_package_is_not_found(tmp_path: Path, line: str) -> None:
    write(tmp_path, {"app.py": f"{line}\n"})
    assert "flask-login" not in detect_project(tmp_path).uses


@pytest.mark.parametrize("file", ["web.py", "web/__init__.py", "src/web.py", "shop/web.py"])
def test_a_module_of_the_project_is_no_package(tmp_path: Path, file: str) -> None:
    # web.py sets cookies, and is imported as `web`.
    write(tmp_path, {"shop/app.py": "import web\n"})
    assert "web-py" in detect_project(tmp_path).uses
    write(tmp_path, {file: ""})
    assert "web-py" not in detect_project(tmp_path).uses


def test_the_applications_of_a_django_site_are_found_in_its_settings(tmp_path: Path) -> None:
    settings = (
        'INSTALLED_APPS = [\n    "django.contrib.auth",\n    "allauth.mfa",\n    "two_factor"]\n'
    )
    write(tmp_path, {"manage.py": "", "shop/settings.py": settings, "other.py": 'x = "hijack"\n'})
    uses = detect_project(tmp_path).uses
    assert uses["django-allauth"] == "shop/settings.py:3"
    assert uses["django-two-factor-auth"] == "shop/settings.py:4"
    assert "django-hijack" not in uses


@pytest.mark.parametrize(
    ("files", "frameworks"),
    [
        ({"requirements.txt": "django\n", "app.py": "import flask\n"}, ("flask",)),
        ({"requirements.txt": "wagtail\n"}, ("django",)),
        ({"app.py": "import dash_auth\n"}, ("flask",)),
        ({"requirements.txt": "datasette\n"}, ("asgi",)),
        ({"requirements.txt": "pyramid\n"}, ("wsgi",)),
        ({"requirements.txt": "cherrypy\nflask\n"}, ("flask",)),
        ({"requirements.txt": "bottle\nblacksheep\n"}, ("asgi", "wsgi")),
        ({"uv.lock": 'name = "quart"\n'}, ("quart",)),
        ({"uv.lock": 'name = "flask"\n', "manage.py": ""}, ("django",)),
        ({"requirements.txt": "starlette\nfastapi\n"}, ("fastapi",)),
        ({"requirements.txt": "tornado\nauthlib\n"}, ()),
    ],
)
def test_the_framework_follows_from_what_is_used(
    tmp_path: Path, files: dict[str, str], frameworks: tuple[str, ...]
) -> None:
    write(tmp_path, files)
    assert detect_project(tmp_path).frameworks == frameworks


def test_a_framework_that_is_only_required_by_others_sets_no_cookies(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "import flask\n"})
    (tmp_path / "uv.lock").write_text('name = "django"\nname = "starlette"\n')
    assert detect_project(tmp_path).uses == {"flask": "app.py:1"}


def test_sessions_of_starlette_are_found_where_they_are_added(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "import starlette\n"})
    assert detect_project(tmp_path).uses == {}
    write(tmp_path, {"app.py": "import starlette\nx = SessionMiddleware\n"})
    assert detect_project(tmp_path).uses == {"sessions": "app.py:2"}
    write(tmp_path, {"app.py": "import starlette\n"})
    (tmp_path / "requirements.txt").write_text("itsdangerous\n")
    assert detect_project(tmp_path).uses == {"sessions": "requirements.txt:1"}


def test_permanent_sessions_are_found(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "import flask\nsession.permanent = True\n"})
    assert detect_project(tmp_path).uses["permanent"] == "app.py:2"


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("my-shop", "My shop"),
        ("my_shop.git", "My shop"),
        ("shop-2.0", "Shop 2.0"),
        ("www.example.com", "www.example.com"),
        ("BigShop", "BigShop"),
        ("..  --", "My site"),
        ("käse", "Käse"),
        ("a\nb\x1b", "A b"),
        (os.fsdecode(b"shop\xff"), "Shop"),
    ],
)
def test_the_name_for_visitors_is_worded_from_the_folder(
    tmp_path: Path, folder: str, name: str
) -> None:
    (tmp_path / folder).mkdir()
    assert detect_project(tmp_path / folder).name == name


def test_a_working_folder_that_is_gone_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert detect_project(Path()).name == "My site"
