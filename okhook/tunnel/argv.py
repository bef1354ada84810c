"""The arguments of ``hookdeck listen``, as far as a version has them. Never a secret among them."""

from collections.abc import Sequence

from okhook.tunnel.version import HookdeckVersion

_FIRST_WITH_OUTPUT = HookdeckVersion(1, 1)
_SECRET_FLAGS = ("--api-key", "--cli-key")


def listen_arguments(
    version: HookdeckVersion, *, port: int, source: str, path: str, extra: Sequence[str] = ()
) -> list[str]:
    """Return the arguments; ``extra`` are the user's own and come last.

    ``--output compact`` keeps a version that knows it from drawing on a whole screen
    (hookdeck-cli #333).
    """
    arguments = ["listen", str(port), source, "--path", path]
    if version >= _FIRST_WITH_OUTPUT:
        arguments += ["--output", "compact"]
    return [*arguments, *extra]


def secret_flag(extra: Sequence[str]) -> str | None:
    """Return the flag among the user's own arguments that carries a key in the open, if any."""
    names = (argument.partition("=")[0] for argument in extra)
    return next((name for name in names if name in _SECRET_FLAGS), None)
