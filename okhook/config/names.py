"""The names of a hook and of a receiver: as they are set, or the usual ones."""

from pathlib import Path

from okhook.config.setting import DEFAULT, Setting
from okhook.config.settings import Settings
from okhook.errors import InvalidInput
from okhook.text import plain

_LONGEST_NAME = 200


def hook_name(settings: Settings) -> Setting[str]:
    """Return the setting ``name``, or the usual name, which differs between colleagues."""
    return settings.name or Setting(usual_hook_name(), DEFAULT)


def usual_hook_name() -> str:
    """Return the name of a hook by its user and host."""
    import getpass
    import os
    import socket

    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return plain(f"okhook {user}@{socket.gethostname()}", limit=_LONGEST_NAME)


def receiver_name(settings: Settings) -> str:
    """Return the setting ``receiver``, or the port that was asked for and the path."""
    if settings.receiver is None:
        return f"{settings.port.value}{settings.path.value}"
    name = settings.receiver.value.strip()
    if not name.isprintable() or len(name) > _LONGEST_NAME:
        raise settings.receiver.must_be(f"a name of up to {_LONGEST_NAME} printable characters")
    return name


def own_receiver_name(settings: Settings) -> str:
    """Return the name of a receiver to run. It has to be set if the store is a database.

    Other machines have the same port and path, and may use the database, too.
    """
    in_a_file = settings.store is None or isinstance(settings.store.value, Path)
    if settings.receiver is None and not in_a_file:
        raise InvalidInput(
            "the receiver has no name: with a PostgreSQL store, pass --receiver NAME",
            why="receivers with the same name share their deliveries, and the default name, a"
            " port and a path, is the same on every machine",
            next_step="pass a name, such as --receiver production, or set OKHOOK_RECEIVER",
        )
    return receiver_name(settings)
