"""``okhook doctor`` beside a tunnel of the real Hookdeck binaries and a stand-in of their cloud."""

import json
from pathlib import Path

import pytest

from tests.hookdeck.binaries import VERSIONS, hookdeck_binary
from tests.hookdeck.cloud import API_KEY, hookdeck_cloud_in_thread
from tests.support.in_process import run_okhook
from tests.support.okhook_process import running_okhook
from tests.support.ports import free_port
from tests.support.receiver import receiver

SECRET = "a-secret-of-the-hook"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("key", "words"), [(API_KEY, "logged in"), (None, "a guest")])
def test_a_canary_goes_through_the_real_tunnel(
    tmp_path: Path, version: str, key: str | None, words: str
) -> None:
    """Its URL is told, its faults, and whose account it is by what the binary itself wrote."""
    port = free_port()
    env = {
        "OKHOOK_PORT": str(port),
        "OKHOOK_HOOKDECK": str(hookdeck_binary(version)),
        "OKHOOK_AUTH_SECRET": SECRET,
        "OKHOOK_CHECK_TIMEOUT": "60",  # a busy machine is no fault
    }
    with hookdeck_cloud_in_thread() as (cloud, _):
        cloud.make_home(tmp_path, api_key=key)
        with (
            receiver(home=tmp_path, secret=SECRET, port=port),
            running_okhook("tunnel", "--output", "json", home=tmp_path, env=env) as tunnel,
        ):
            url = tunnel.wait_for_json("ready")["webhook_url"]
            done = run_okhook("doctor", "--output", "json", home=tmp_path, env=env)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    checks = {line["name"]: line for line in lines if line["type"] == "check"}
    assert done.returncode == 0, done.stdout
    assert words in checks["login"]["detail"]
    assert url in checks["tunnel"]["detail"]
    assert checks["path"]["outcome"] == "ok"
    assert url in checks["path"]["facts"][0]
    assert checks["hookdeck"]["outcome"] == ("warning" if version == "1.7.1" else "ok")
