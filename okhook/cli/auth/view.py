"""How ``login``, ``logout`` and ``whoami`` look."""

from collections.abc import Iterator

from rich.text import Text

from okhook.cli.views.lines import clock, short
from okhook.config.shown import ShownSetting
from okhook.okta.auth.credential import CREDENTIAL_KINDS
from okhook.okta.permissions import CredentialShown, LoggedIn, LoggedOut, Permission, WhoAmI
from okhook.text import counted, plain


def login_lines(login: LoggedIn) -> Iterator[Text]:
    """Yield what was kept, and where."""
    hooks = counted(login.hooks, "event hook")
    yield Text.assemble(
        ("logged in", "bold green"),
        f"  {plain(login.org)}: the token can read {hooks}, and is in the keyring",
        (f"  {short(login.keyring)}", "dim"),
    )


def logout_lines(logout: LoggedOut) -> Iterator[Text]:
    """Yield what was removed."""
    what = f"  {plain(logout.org)}: removed its token from the keyring"
    yield Text.assemble(("logged out", "bold green"), what)


def whoami_lines(activity: WhoAmI) -> Iterator[Text]:
    """Yield the org, the credential, what it may read, and the settings."""
    yield _row("org", plain(activity.org), activity.org_origin)
    yield from _credential(activity.credential)
    yield Text("may read", style="dim")
    yield from map(_permission, activity.permissions)
    if activity.settings:
        yield Text("settings", style="dim")
        yield from map(_setting, activity.settings)


def _credential(credential: CredentialShown) -> Iterator[Text]:
    named = CREDENTIAL_KINDS[credential.kind]
    if credential.client_id is not None:
        named = f"{named} {short(credential.client_id)}"
    yield _row("credential", named, credential.origin)
    if credential.key_origin is not None:
        key_id = "no key id" if credential.key_id is None else f"key id {plain(credential.key_id)}"
        yield _row("key", key_id, credential.key_origin)
    if credential.scopes is not None:
        granted = ", ".join(plain(scope) for scope in credential.scopes)
        yield Text.assemble((f"{'scopes':<12}", "dim"), granted or ("none granted", "bold red"))


def _row(name: str, value: str, origin: str) -> Text:
    return Text.assemble((f"{name:<12}", "dim"), value, (f"  {short(origin)}", "dim"))


def _permission(permission: Permission) -> Text:
    mark = ("  ✓ ", "green") if permission.allowed else ("  ✗ ", "bold red")
    detail = short((permission.reason or "").partition("\n")[0])
    if (left := permission.rate_limit) is not None:
        until = "" if left.reset_at is None else f" until {clock(left.reset_at)}"
        detail = f"{left.remaining} of {left.limit} calls left{until}"
    return Text.assemble(mark, f"{permission.resource:<12}", (f"  {detail}".rstrip(), "dim"))


def _setting(setting: ShownSetting) -> Text:
    value = "(not shown)" if setting.value is None else short(setting.value)
    return Text.assemble(f"  {setting.name:<20}", value, (f"  {short(setting.origin)}", "dim"))
