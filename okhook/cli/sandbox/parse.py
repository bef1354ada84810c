"""Read the sandbox's OAuth service apps and injected faults from the settings."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from okhook.config.setting import Setting
from okhook.config.settings import Settings
from okhook.sandbox.faults import Fault, read_fault
from okhook.sandbox.oauth.service_apps import ALL_SCOPES, ServiceApp, public_keys_in


def service_apps(settings: Settings) -> tuple[ServiceApp, ...]:
    """Return the apps that are set.

    Raises:
        InvalidInput, ConfigurationError: one is not written as an app, or its key cannot be read.

    """
    apps = settings.sandbox_service_app
    grants = settings.sandbox_grant
    without_dpop = settings.sandbox_no_dpop
    files: dict[str, str] = {}
    for client_id, file in _pairs(apps, "CLIENT_ID=PUBLIC_KEY_FILE"):
        if client_id in files:
            raise apps.fault(
                f"{apps.origin} names {client_id} twice",
                next_step="one file may hold several public keys of an app",
            )
        files[client_id] = file
    granted = _granted(grants, files)
    for client_id in without_dpop.value:
        _check_known(client_id, files, without_dpop)
    return tuple(
        ServiceApp(
            client_id,
            public_keys_in(Path(file).expanduser(), apps.origin),
            granted.get(client_id, ALL_SCOPES),
            needs_dpop=client_id not in without_dpop.value,
        )
        for client_id, file in files.items()
    )


def injected_faults(settings: Settings) -> tuple[Fault, ...]:
    """Return the faults that are set.

    Raises:
        InvalidInput, ConfigurationError: one is not written as a fault.

    """
    setting = settings.sandbox_fault
    try:
        return tuple(read_fault(text) for text in setting.value)
    except ValueError as fault:
        raise setting.fault(f"{setting.origin}: {fault}") from None


def _granted(
    grants: Setting[tuple[str, ...]], files: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    granted: dict[str, tuple[str, ...]] = {}
    for client_id, scope in _pairs(grants, "CLIENT_ID=SCOPE"):
        _check_known(client_id, files, grants)
        if scope not in ALL_SCOPES:
            raise grants.fault(
                f"{grants.origin}: {scope} is not a scope that the sandbox has",
                next_step=f"it has {', '.join(ALL_SCOPES)}",
            )
        granted[client_id] = (*granted.get(client_id, ()), scope)
    return granted


def _pairs(setting: Setting[tuple[str, ...]], form: str) -> Sequence[tuple[str, str]]:
    pairs = [text.partition("=")[::2] for text in setting.value]
    if not all(key and value for key, value in pairs):
        raise setting.must_be(form)
    return pairs


def _check_known(
    client_id: str, files: Mapping[str, str], setting: Setting[tuple[str, ...]]
) -> None:
    if client_id not in files:
        raise setting.fault(
            f"{setting.origin}: there is no service app {client_id}",
            next_step="register it with --service-app CLIENT_ID=PUBLIC_KEY_FILE",
        )
