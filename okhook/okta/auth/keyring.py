"""Tokens in the system's keyring, one for each org. The only place that imports ``keyring``."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import final

from okhook.errors import ConfigurationError
from okhook.secret import Secret
from okhook.wire.org import Org

_SERVICE = "okhook"
_KEEPS_NOTHING = ("keyring.backends.fail", "keyring.backends.null")
_INSTEAD = (
    "or set OKHOOK_TOKEN, with OKHOOK_ORG beside it, from wherever you keep secrets;"
    " or use an OAuth service app, with client_id and private_key_file"
)


class KeyringTrouble(ConfigurationError):
    """There is no keyring that stores anything, or it refused."""


@final
class TokenKeyring:
    """The system's keyring. An org's token stands under the org's URL and no other.

    Methods raise KeyringTrouble where the keyring refuses; all but ``of`` also where there is none.
    """

    def of(self, org: Org) -> Secret | None:
        """Return the token of an org; None where the keyring has no token, or is not there."""
        keyring = _installed()
        if keyring is None or _keeps_nothing(keyring):
            return None
        with _trouble(keyring, "the keyring cannot be read"):
            token = keyring.get_password(_SERVICE, org.url)
        return Secret(token) if token else None

    def keep(self, org: Org, token: Secret) -> None:
        """Keep the token of an org, in place of one that is there."""
        keyring = _required()
        with _trouble(keyring, "the keyring does not take the token"):
            keyring.set_password(_SERVICE, org.url, token.reveal())

    def forget(self, org: Org) -> bool:
        """Remove the token of an org; False where there was none."""
        keyring = _required()
        if self.of(org) is None:
            return False
        with _trouble(keyring, "the keyring does not give up the token"):
            keyring.delete_password(_SERVICE, org.url)
        return True

    def name(self) -> str:
        """Return what the keyring is called."""
        return str(_required().get_keyring().name)


def _installed() -> ModuleType | None:
    try:
        import keyring
    except ImportError:
        return None
    return keyring


def _required() -> ModuleType:
    keyring = _installed()
    if keyring is None:
        raise KeyringTrouble(
            "there is no keyring to keep a token in",
            why="the Python package keyring is not installed",
            next_step=f"pip install 'okhook[keyring]';\n{_INSTEAD}",
        )
    if _keeps_nothing(keyring):
        raise KeyringTrouble(
            "there is no keyring to keep a token in",
            why="this system has none that the Python package keyring can use",
            next_step=f"start one (GNOME Keyring, KWallet, KeePassXC);\n{_INSTEAD}",
        )
    return keyring


def _keeps_nothing(keyring: ModuleType) -> bool:
    return type(keyring.get_keyring()).__module__ in _KEEPS_NOTHING


@contextmanager
def _trouble(keyring: ModuleType, what: str) -> Iterator[None]:
    """Name what the backends raise: keyring's own errors, and those of D-Bus and the system."""
    try:
        yield
    except (keyring.errors.KeyringError, RuntimeError, OSError) as fault:
        why = str(fault) or type(fault).__name__
        raise KeyringTrouble(what, why=why, next_step=_INSTEAD) from None
