"""Finds the packages. Everything else stands in pyproject.toml.

Two packages at the top level stop automatic discovery, and the folder `registry/` is installed
under another name; pyproject.toml cannot say both at once.
"""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["cookiegate", "cookiegate.*"]), "cookiegate._registry_data"],
    package_dir={"cookiegate._registry_data": "registry"},
)
