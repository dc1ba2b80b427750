"""Uvicorn that does little by the clock, for the count of instructions.

python -m benchmarks.servers.quiet_uvicorn PORT HTTP

Uvicorn looks ten times a second whether to end. Under callgrind a request takes so long that this
would be a part of it, and a different one with each load of the machine.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Literal, cast

from uvicorn import Config, Server

from benchmarks.servers.application import application


class _Quiet(Server):
    async def main_loop(self) -> None:
        # The first sets the Date header. A signal only ends the next sleep.
        while not await self.on_tick(0):
            await asyncio.sleep(2)


def main(port: str, http: str) -> None:
    """Serve the application of the environment until a signal."""
    config = Config(
        application,
        port=int(port),
        http=cast("Literal['h11', 'httptools']", http),
        loop="asyncio",
        lifespan="off",
        log_level="error",
        access_log=False,
        timeout_keep_alive=60,
    )
    _Quiet(config).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
