"""The source distributions of other projects."""

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

__all__ = ["FOLDER", "fetch"]

#: Where they are kept: in the environment, which is not copied elsewhere.
FOLDER: Final = Path(sys.prefix, "suites")


def fetch(distribution: str, folder: Path = FOLDER) -> Path:
    """
    Return the unpacked source distribution; download it unless it is there.

    Args:
        distribution: The name and the version: "flask==3.1.3".
        folder: Where the distributions are kept.

    Raises:
        subprocess.CalledProcessError: pip cannot download it.
    """
    kept = folder / distribution
    if not kept.exists():
        archives = folder / "archives" / distribution
        archives.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        # Not ":all:", which would also compile what builds the distribution.
        name = distribution.partition("==")[0]
        command += ["--no-binary", name, "--dest", str(archives), distribution]
        subprocess.run(command, check=True)
        (archive,) = archives.iterdir()
        unpacked = folder / "unpacked" / distribution
        with tarfile.open(archive) as file:
            file.extractall(unpacked, filter="data")
        # Last: an interrupted download is begun anew.
        (root,) = unpacked.iterdir()
        root.rename(kept)
    return kept
