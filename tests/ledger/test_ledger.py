"""The public names of the package."""

import subprocess
import sys

import pytest

import cookiegate.ledger
from cookiegate.errors import CookiegateError
from cookiegate.ledger.audit.verify import verify
from cookiegate.ledger.errors import LedgerError
from cookiegate.ledger.storage.database import open_engine


def test_every_public_name_can_be_imported() -> None:
    for name in cookiegate.ledger.__all__:
        assert getattr(cookiegate.ledger, name)


def test_public_names_are_those_of_the_modules() -> None:
    assert cookiegate.ledger.verify is verify
    assert cookiegate.ledger.open_engine is open_engine
    assert cookiegate.ledger.LedgerError is LedgerError
    assert issubclass(LedgerError, CookiegateError)
    assert cookiegate.ledger.Presentation is cookiegate.Presentation


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'verfy'"):
        cookiegate.ledger.__getattr__("verfy")


def test_importing_the_package_does_not_load_signature_algorithms() -> None:
    script = (
        "import sys, cookiegate.ledger; "
        "print([name for name in sys.modules if name.startswith('cryptography.hazmat')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert done.stdout == "[]\n"
