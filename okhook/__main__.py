"""``python -m okhook``."""

from okhook.cli.main import main

if __name__ == "__main__":
    main()
