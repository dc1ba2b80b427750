"""
Print what a page loads for its banner, in bytes, beside peers: `python -m tests.front_end.sizes`.

Each file counts as `gzip -9` leaves it. Peers come from npm, without the texts that a site still
has to write for them.
"""

import gzip
import re
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cookiegate import Gate, Registry
from cookiegate.pages import Pages
from cookiegate.pages.assets import Assets
from cookiegate.pages.messages import PageRequest

from .packages import npm

__all__ = ["own_sizes"]

#: A peer's package and version -> its script and its style.
PEERS: Final[Mapping[str, Sequence[str]]] = {
    "vanilla-cookieconsent@3.1.0": ("dist/cookieconsent.umd.js", "dist/cookieconsent.css"),
    "klaro@0.7.22": ("dist/klaro-no-css.js", "dist/klaro.min.css"),
}


def own_sizes() -> list[int]:
    """Return the sizes of the script, the style and the Billogram registry's longest banner."""
    assets = Assets()
    files = [assets.find(assets.name(name)) for name in ("cookiegate.js", "banner-auto.css")]
    registry = Registry.load("cookiegate:billogram")
    gate = Gate(registry, "sizes of the banner")
    tags = [
        Pages(gate).banner(PageRequest(method="GET", path="/"), gate.visit([]), language=language)
        for language in registry.site.languages
    ]
    # The element; the tag also has a link and the elements of script and style.
    longest = max(_size(re.findall(r"<section.*</section>", tag, re.S)[0].encode()) for tag in tags)
    return [*(_size(file.body) for file in files if file is not None), longest]


def _peer_sizes(package: str, files: Sequence[str]) -> list[int]:
    with TemporaryDirectory() as folder:
        npm("pack", package, folder=Path(folder))
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as packed:
            found = [packed.extractfile(f"package/{name}") for name in files]
            return [_size(file.read()) for file in found if file is not None]


def _size(body: bytes) -> int:
    return len(gzip.compress(body, 9))


if __name__ == "__main__":
    sizes = {"cookiegate: script, style, banner": own_sizes()}
    sizes |= {package: _peer_sizes(package, files) for package, files in PEERS.items()}
    for name, parts in sizes.items():
        print(f"{name:35} {' + '.join(map(str, parts))} = {sum(parts)}")
