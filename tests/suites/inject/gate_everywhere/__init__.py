"""Puts a gate around every application of the process, and compares what enters with what leaves.

It knows the classes of test clients and servers, and wraps the application when one of them
receives it. The environment configures it:

GATE_VARIANT: "base" (no gate), or the name of a registry beside this file.
GATE_LOG: The folder into which each process writes what it saw.
GATE_WITHOUT: Modules that are left alone, separated by commas.
GATE_WITH: Integrations to use instead of the plain middleware: "flask" or "starlette".
"""

from .imports import install

__all__ = ["install"]
