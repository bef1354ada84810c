"""The ``okhook`` command, also as ``python -m okhook``."""

import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the command line. Ctrl-C while its modules are imported shows no traceback."""
    try:
        from okhook.cli.app import main as run
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    run()


if __name__ == "__main__":
    main()
