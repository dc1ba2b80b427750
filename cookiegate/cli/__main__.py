"""`python -m cookiegate.cli` is the command `cookiegate`."""

from . import main

if __name__ == "__main__":
    main()
