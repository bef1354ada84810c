"""``python -m okhook``."""

from okhook.cli.app import main

if __name__ == "__main__":
    main()
