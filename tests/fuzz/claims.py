"""All claims that `make fuzz` checks. Each takes any bytes; the first one chooses the claim."""

from collections.abc import Callable
from typing import Final

from .forms import check_form
from .headers import check_header
from .policies import check_policy
from .sweeps import check_sweep

__all__ = ["CLAIMS", "check_all"]

CLAIMS: Final[tuple[Callable[[bytes], None], ...]] = (
    check_header,
    check_sweep,
    check_policy,
    check_form,
)


def check_all(data: bytes) -> None:
    """Check the claim that the first byte chooses, with the others."""
    if data:
        CLAIMS[data[0] % len(CLAIMS)](data[1:])
