"""Tokens in the system's keyring, one for each org. The only place that imports ``keyring``."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from okhook.errors import ConfigurationError
from okhook.secret import Secret
from okhook.wire.org import Org

_SERVICE = "okhook"
_STORE_NOTHING = ("keyring.backends.fail", "keyring.backends.null")
_INSTEAD = (
    "or set OKHOOK_TOKEN and OKHOOK_ORG;"
    " or use an OAuth service app, with client_id and private_key_file"
)


class KeyringTrouble(ConfigurationError):
    """The keyring is missing, locked or broken."""


class NoKeyring(KeyringTrouble):
    """The system has no keyring that stores anything."""


class TokenKeyring:
    """The system's keyring. A token is stored under its org's URL. Methods raise KeyringTrouble."""

    def of(self, org: Org) -> Secret | None:
        """Return the token of an org, or None if the keyring has no token or does not exist."""
        try:
            keyring = _keyring()
        except NoKeyring:
            return None
        with _explained(keyring, "could not read the keyring"):
            token = keyring.get_password(_SERVICE, org.url)
        return Secret(token) if token else None

    def keep(self, org: Org, token: Secret) -> None:
        """Store the token of an org; it replaces an older one."""
        keyring = _keyring()
        with _explained(keyring, "could not store the token in the keyring"):
            keyring.set_password(_SERVICE, org.url, token.reveal())

    def forget(self, org: Org) -> bool:
        """Remove the token of an org; return False if there was none."""
        keyring = _keyring()
        if self.of(org) is None:
            return False
        with _explained(keyring, "could not remove the token from the keyring"):
            keyring.delete_password(_SERVICE, org.url)
        return True

    def name(self) -> str:
        """Return the keyring's name for itself."""
        return str(_keyring().get_keyring().name)


def _keyring() -> ModuleType:
    try:
        import keyring

        if type(keyring.get_keyring()).__module__ not in _STORE_NOTHING:
            return keyring
        why = "this system has no keyring that the Python package keyring can use"
        remedy = "start one, such as GNOME Keyring, KWallet or KeePassXC"
    except ImportError:
        why = "the Python package keyring is not installed"
        remedy = "pip install 'okhook[keyring]'"
    except RuntimeError as error:  # it looks for its configuration in the home directory
        why, remedy = str(error), "set HOME"
    what = "found no keyring to store a token in"
    raise NoKeyring(what, why=why, next_step=f"{remedy};\n{_INSTEAD}")


@contextmanager
def _explained(keyring: ModuleType, what: str) -> Iterator[None]:
    """Turn the errors of keyring, of D-Bus and of the system into ours."""
    try:
        yield
    except (keyring.errors.KeyringError, RuntimeError, OSError) as fault:
        why = str(fault) or type(fault).__name__
        raise KeyringTrouble(what, why=why, next_step=_INSTEAD) from None
