"""What a server imports: `benchmarks.servers.application:application`, as the environment says."""

from __future__ import annotations

import gc
import os

from benchmarks.servers.processes import AROUND, SITE, STRIPPED
from benchmarks.servers.sites import SITES

__all__ = ["application"]

application = SITES[os.environ[SITE]].application(
    os.environ[AROUND], [int(length) for length in os.environ[STRIPPED].split()]
)

# A full collection of what was made until here would come in one measurement and not in another.
gc.collect()
gc.freeze()
