"""`python -m cookiegate` is the command `cookiegate`."""

from .cli import main

if __name__ == "__main__":
    main()
