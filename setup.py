"""Finds the packages, and builds the hot loops in C. Everything else stands in pyproject.toml.

Two packages at the top level stop automatic discovery, and the folder `registry/` is installed
under another name; pyproject.toml cannot say both at once.

Without a C compiler, or without Python's headers, the package is built without the loops in C. It
then uses those in Python, which do the same.
"""

import os
import platform
import sysconfig
from typing import Final

from setuptools import Extension, find_packages, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError, CCompilerError

# One wheel for all versions of Python from this one on.
LIMITED_API: Final = "cp311"

SPEEDUPS: Final = Extension(
    "cookiegate._speedups",
    ["cookiegate/_speedups.c"],
    define_macros=[("Py_LIMITED_API", "0x030B0000")],
    # Debugging information names the folder of the build.
    extra_compile_args=["-g0"] if os.name == "posix" else [],
    py_limited_api=True,
)


class BuildExtension(build_ext):
    """Builds the loops in C, if that is possible."""

    def run(self) -> None:
        """Build them, or leave them out."""
        try:
            super().run()
        except (BaseError, CCompilerError, OSError):
            print("Cookiegate is built without its loops in C, and uses those in Python.")
            self.extensions = []
            self.distribution.ext_modules = None


class BuildWheel(bdist_wheel):
    """Builds a wheel for every platform if the loops in C are left out."""

    def run(self) -> None:
        """Build the extension first, because the wheel's name depends on it."""
        self.run_command("build_ext")
        self.root_is_pure = not self.distribution.has_ext_modules()
        super().run()


# The limited API has no free threading; other implementations of Python are slower with C.
supports_c = platform.python_implementation() == "CPython" and not sysconfig.get_config_var(
    "Py_GIL_DISABLED"
)

setup(
    packages=[*find_packages(include=["cookiegate", "cookiegate.*"]), "cookiegate._registry_data"],
    package_dir={"cookiegate._registry_data": "registry"},
    ext_modules=[SPEEDUPS] if supports_c else [],
    cmdclass={"build_ext": BuildExtension, "bdist_wheel": BuildWheel},
    options={"bdist_wheel": {"py_limited_api": LIMITED_API}} if supports_c else {},
)
