"""Run a sandbox org and show its activities."""

from collections.abc import Sequence

import anyio

from okhook.activity import Activity
from okhook.cli.context import Context
from okhook.cli.live_screen import on_screen
from okhook.cli.sandbox.view import render_sandbox
from okhook.config.paths import expanded, file_to_write
from okhook.config.setting import Setting
from okhook.config.settings import Settings
from okhook.runtime.hub import ActivityHub
from okhook.sandbox.activities import SandboxReady
from okhook.sandbox.faults import read_fault
from okhook.sandbox.oauth.jwts import ALL_SCOPES, ServiceApp, public_keys_in
from okhook.sandbox.running import SandboxConfig, generated_token, running_sandbox
from okhook.secret import Secret
from okhook.text import plain
from okhook.wire.org import is_loopback


def sandbox_host(ctx: Context, *, allow_remote: bool) -> str:
    """Return the address to listen on. Other machines can call one that is not on loopback."""
    host = ctx.settings.sandbox_host
    if is_loopback(host.value):
        return host.value
    if not allow_remote:
        raise host.fault(
            f"{host.origin} {plain(host.value, limit=80)} lets other machines call the sandbox",
            next_step="add --allow-remote to allow that, for example for containers",
        )
    ctx.console.warn(
        "other machines can call the sandbox: only its token protects it, and it is sent"
        " unencrypted"
    )
    return host.value


def sandbox_config(
    ctx: Context, *, port: int, host: str = Settings.sandbox_host.default
) -> SandboxConfig:
    """Return the org's configuration from the settings. With ``port`` 0 the system chooses one."""
    settings, faults = ctx.settings, ctx.settings.sandbox_fault
    data, token = settings.sandbox_data, _token(ctx)
    try:
        injected = tuple(map(read_fault, faults.value))
    except ValueError as fault:
        raise faults.fault(f"invalid {faults.origin} value {fault}") from None
    return SandboxConfig(
        token=token,
        host=host,
        port=port,
        batch_window_s=settings.sandbox_batch_window.value,
        delay_s=settings.sandbox_delay.value,
        calls_per_minute=settings.sandbox_rate_limit.value,
        data=None if data is None else file_to_write(data.value, data.origin),
        service_apps=service_apps(settings),
        faults=injected,
    )


async def run_and_show(ctx: Context, config: SandboxConfig) -> None:
    """Run the org and show its activities, until cancelled."""
    hub, console = ActivityHub(), ctx.console
    ready = anyio.Event()

    def publish(activity: Activity) -> None:
        """Show nothing before the line with the org's URL."""
        if ready.is_set():
            hub.publish(activity)

    async with (
        on_screen(console, render_sandbox, None, hub),
        running_sandbox(config, publish=publish, run_directory=ctx.run_directory) as org,
    ):
        ready.set()
        hub.publish(SandboxReady(org.url, org.token))
        for name in org.hooks_lacking_secret:
            console.warn(
                f"the secret of event hook {name!r} was not saved: register and verify it again"
            )
        if config.data is None:
            console.note("the org is deleted when this command ends; pass --data FILE to keep it")
        console.note("press Ctrl-C to stop")
        await anyio.sleep_forever()


def service_apps(settings: Settings) -> tuple[ServiceApp, ...]:
    """Return the OAuth service apps in the settings."""
    apps, grants = settings.sandbox_service_app, settings.sandbox_grant
    without_dpop = settings.sandbox_no_dpop
    files: dict[str, str] = {}
    for client_id, file in _pairs(apps, "CLIENT_ID=PUBLIC_KEY_FILE"):
        if client_id in files:
            raise apps.fault(
                f"{apps.origin} names {client_id} twice",
                next_step="put all public keys of the app in one file",
            )
        files[client_id] = file
    scopes = _pairs(grants, "CLIENT_ID=SCOPE")
    for setting, client_ids in ((grants, dict(scopes)), (without_dpop, without_dpop.value)):
        for client_id in client_ids:
            if client_id not in files:
                raise setting.fault(
                    f"{setting.origin}: unknown service app {client_id}",
                    next_step="register it with --service-app CLIENT_ID=PUBLIC_KEY_FILE",
                )
    granted: dict[str, tuple[str, ...]] = dict.fromkeys(files, ())
    for client_id, scope in scopes:
        if scope not in ALL_SCOPES:
            raise grants.fault(
                f"{grants.origin}: unknown scope {scope}",
                next_step=f"use one of {', '.join(ALL_SCOPES)}",
            )
        granted[client_id] += (scope,)
    return tuple(
        ServiceApp(
            client_id,
            public_keys_in(expanded(file, apps.origin), apps.origin),
            granted[client_id] or ALL_SCOPES,
            needs_dpop=client_id not in without_dpop.value,
        )
        for client_id, file in files.items()
    )


def _pairs(setting: Setting[tuple[str, ...]], form: str) -> Sequence[tuple[str, str]]:
    pairs = [text.partition("=")[::2] for text in setting.value]
    if not all(key and value for key, value in pairs):
        raise setting.must_be(form)
    return pairs


def _token(ctx: Context) -> Secret:
    found = ctx.settings.sandbox_token
    if found is None:
        return generated_token()
    token = found.value.reveal()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise found.must_be("printable ASCII without spaces")
    if found.from_flag:
        ctx.console.warn(
            "other users of this machine can see --token in the process list;"
            " set OKHOOK_SANDBOX_TOKEN instead"
        )
    return found.value
