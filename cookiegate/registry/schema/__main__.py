"""`python -m cookiegate.registry.schema` prints the JSON Schema, or compares a file with it."""

from .json_schema import main

if __name__ == "__main__":
    raise SystemExit(main())
