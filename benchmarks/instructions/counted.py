"""The process that callgrind observes: `callgrind.py` starts it with names of cases.

Each case runs in a process of its own, forked from this one: what one leaves in the interpreter
does not change the count of another. Two calls that nothing else makes mark the counted part, so
neither a compiler nor callgrind's header files are needed.
"""

from __future__ import annotations

import gc
import os
import sys

from benchmarks.instructions.cases import CASES, Case
from benchmarks.subjects import Requests, Visitor, site
from benchmarks.variants import current

__all__ = ["BEGIN", "END", "NUMBER", "main"]

#: The functions of the C library that begin and end the counted part.
BEGIN, END = "getsid", "getpgid"
#: Requests that are counted. Each visitor and each attribute has as many turns as the others.
NUMBER = 24
# Requests before them, until the interpreter has specialized its bytecode.
WARM = 2 * NUMBER


def main(variant: str, names: list[str]) -> None:
    """Run the cases, and print the process id of each."""
    if current() != variant:
        raise SystemExit(f"cookiegate is {current()} in this process, not {variant}")
    # What all need is made once.
    Requests(site, Visitor(), 0).prepare(1)
    gc.freeze()
    for name in names:
        if child := os.fork():
            print(child, name, flush=True)
            if os.waitpid(child, 0)[1]:
                raise SystemExit(f"{name}: the process failed")
        else:
            _run(CASES[name])


def _run(case: Case) -> None:
    try:
        subject = case()
        prepared, run = subject.prepare(WARM + NUMBER), subject.run
        first, counted = prepared[:WARM], prepared[WARM:]
        # Before the warm-up, because it empties the interpreter's lists of free objects, too.
        gc.collect()
        gc.disable()
        for one in first:
            run(one)
        os.getsid(0)
        for one in counted:
            run(one)
        os.getpgid(0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
