"""The registry that `cookiegate init` writes for a project."""

import tempfile
from pathlib import Path

from cookiegate.cli.scaffold.detect import detect_project
from cookiegate.cli.scaffold.registry import first_registry
from cookiegate.registry.registry import read_source

__all__ = ["registry_for"]


def registry_for(requirements: str) -> str:
    """Return the text of the registry for a project with these requirements."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "requirements.txt").write_text(requirements, "utf-8")
        project = detect_project(Path(folder))
    return first_registry(
        read_source("cookiegate:starter").decode(),
        name="Shop",
        languages=["en"],
        frameworks=project.frameworks,
        uses=project.uses,
        consent_days=None,
        refusal_days=None,
    )
