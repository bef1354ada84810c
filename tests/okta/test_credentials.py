"""Which token goes to which org: never one that is for another."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.config.layers import Layer
from okhook.config.okta_tools import OktaTool
from okhook.config.settings import Setting, load_settings
from okhook.errors import ConfigurationError, CredentialsError, InvalidInput
from okhook.okta.access import OrgAccess, org_access
from okhook.okta.credential import SswsCredential
from okhook.okta.credentials import TokenSource, choose_org, credential_for, token_sources
from okhook.org import Org, parse_org
from okhook.runtime.run_files import RunDirectory, RunRecord
from okhook.secret import Secret

ONE = "https://one.okta.com"
TWO = "https://two.okta.com"


def sandbox(port: int) -> RunRecord:
    facts = {"org_url": f"http://127.0.0.1:{port}", "token": "sandbox-token"}
    return RunRecord(f"sandbox-{port}", facts, alive=True)


def access(home: Path, environ: dict[str, str], flags: dict[str, Any] | None = None) -> OrgAccess:
    environ = {"OKHOOK_CONFIG": str(home / "user.toml"), **environ}
    settings = load_settings(flags or {}, environ, home)
    return org_access(settings, environ, home, RunDirectory(home / "run"))


def token_of(found: OrgAccess) -> tuple[str, str]:
    assert isinstance(found.credential, SswsCredential)
    return found.credential.token.reveal(), found.credential.origin


@pytest.mark.parametrize(
    ("environ", "origin"),
    [
        ({"OKHOOK_TOKEN": "t1"}, "OKHOOK_TOKEN"),
        ({"OKHOOK_TOKEN": "t1", "OKHOOK_ORG": "one.okta.com"}, "OKHOOK_TOKEN"),
        ({"OKTA_CLIENT_TOKEN": "t1", "OKTA_CLIENT_ORGURL": ONE + "/"}, "OKTA_CLIENT_TOKEN"),
        ({"OKTA_CLIENT_TOKEN": "t1"}, "OKTA_CLIENT_TOKEN"),
        ({"OKTA_API_TOKEN": "t1", "OKTA_ORG_NAME": "one"}, "OKTA_API_TOKEN"),
        (
            {"OKTA_API_TOKEN": "t1", "OKTA_ORG_NAME": "one", "OKTA_BASE_URL": "okta.com"},
            "OKTA_API_TOKEN",
        ),
    ],
)
def test_every_place_for_a_token(tmp_path: Path, environ: dict[str, str], origin: str) -> None:
    """Our own variables and those of Okta's tools, each told by its name."""
    assert token_of(access(tmp_path, environ, {"org": "one.okta.com"})) == ("t1", origin)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OKHOOK_TOKEN": "t2", "OKHOOK_ORG": "two.okta.com"},
        {"OKTA_CLIENT_TOKEN": "t2", "OKTA_CLIENT_ORGURL": TWO},
        {"OKTA_API_TOKEN": "t2", "OKTA_ORG_NAME": "two"},
        {"OKTA_API_TOKEN": "t2", "OKTA_ORG_NAME": "one", "OKTA_BASE_URL": "oktapreview.com"},
        {"OKTA_CLIENT_TOKEN": "t2", "OKTA_CLIENT_ORGURL": "nonsense://{x}"},
    ],
)
def test_another_orgs_token_is_no_fall_back(tmp_path: Path, environ: dict[str, str]) -> None:
    """Rather exit 4 that says what was passed over than a token sent to the wrong org."""
    with pytest.raises(CredentialsError) as caught:
        access(tmp_path, environ, {"org": "one.okta.com"})
    assert "OKHOOK_TOKEN" in str(caught.value.next_step)
    for name in environ:
        if name.endswith("TOKEN"):
            assert name in str(caught.value.why)
    assert "t2" not in f"{caught.value.why}{caught.value.what}"


def test_files_speak_for_the_org_beside_the_token(tmp_path: Path) -> None:
    """okhook.toml and okta.yaml: each token for its own org, whichever is asked for."""
    (tmp_path / "okhook.toml").write_text('org = "one.okta.com"\ntoken = "t1"\n')
    (tmp_path / ".okta").mkdir()
    (tmp_path / ".okta" / "okta.yaml").write_text(
        f"okta:\n  client:\n    orgUrl: {TWO}\n    token: t2\n"
    )
    assert token_of(access(tmp_path, {}))[0] == "t1"
    assert token_of(access(tmp_path, {}, {"org": "two.okta.com"})) == (
        "t2",
        "token in ~/.okta/okta.yaml",
    )
    with pytest.raises(CredentialsError):
        access(tmp_path, {}, {"org": "three.okta.com"})


def test_the_org_comes_from_oktas_tools_last(tmp_path: Path) -> None:
    """Without a setting of ours, the SDK's org is the org, and its place is told."""
    found = access(tmp_path, {"OKTA_CLIENT_ORGURL": ONE, "OKTA_CLIENT_TOKEN": "t1"})
    assert (found.org, found.origin) == (Org(ONE), "OKTA_CLIENT_ORGURL")
    with pytest.raises(ConfigurationError) as caught:
        access(tmp_path, {})
    assert "--org" in str(caught.value.next_step)


def test_the_sandbox_is_found_by_its_run_file(tmp_path: Path) -> None:
    """`--org sandbox` takes the running one's address and token, whatever else is set."""
    runs = RunDirectory(tmp_path / "run")
    with runs.own("sandbox-8137") as file:
        file.write({"org_url": "http://127.0.0.1:8137", "token": "of-the-sandbox"})
        for org in ("sandbox", "http://127.0.0.1:8137", "localhost:8137"):
            found = access(tmp_path, {"OKHOOK_TOKEN": "real"}, {"org": org})
            assert token_of(found) == ("of-the-sandbox", "the running sandbox")
            assert found.org.is_loopback
        assert token_of(access(tmp_path, {"OKHOOK_TOKEN": "real"}, {"org": ONE}))[0] == "real"
    with pytest.raises(InvalidInput) as caught:
        access(tmp_path, {}, {"org": "sandbox"})
    assert "okhook sandbox" in str(caught.value.next_step)


def test_several_sandboxes_are_listed() -> None:
    """Which one is meant is asked for, and not guessed."""
    with pytest.raises(InvalidInput) as caught:
        choose_org(Setting("sandbox", "--org"), [], [sandbox(1), sandbox(2)])
    assert "http://127.0.0.1:2" in str(caught.value.why)


def test_a_sandbox_file_that_points_elsewhere_is_not_believed() -> None:
    """A run file is for this machine: another host in it is no sandbox."""
    forged = RunRecord(
        "sandbox-1", {"org_url": "https://evil.example.com", "token": "x"}, alive=True
    )
    odd = RunRecord("sandbox-2", {"org_url": 7}, alive=True)
    assert token_sources([], [], [forged, odd]) == []
    with pytest.raises(ConfigurationError):
        choose_org(Setting("sandbox", "OKHOOK_ORG"), [], [forged, odd])


def test_the_fault_of_an_org_is_of_its_place() -> None:
    """A flag that is no org is exit 2, a variable is exit 3."""
    with pytest.raises(InvalidInput):
        choose_org(Setting("{yourOktaDomain}", "--org"), [], [])
    with pytest.raises(ConfigurationError):
        choose_org(Setting("{yourOktaDomain}", "OKHOOK_ORG"), [], [])


@pytest.mark.parametrize("token", ["{yourApiToken}", "<token>", "a b", "a\nb", "ä", "SSWS ", " "])
def test_what_cannot_be_a_token_is_said_and_not_sent(token: str) -> None:
    """A placeholder or a bad copy is exit 4 with its place, and is not repeated."""
    with pytest.raises(CredentialsError) as caught:
        credential_for(Org(ONE), [TokenSource(Secret(token), "OKHOOK_TOKEN", None)], [])
    assert "OKHOOK_TOKEN" in caught.value.what


def test_a_token_pasted_with_its_scheme_is_a_token() -> None:
    """`SSWS 00…` is what Okta's documents show; the scheme is ours to write."""
    found = credential_for(
        Org(ONE), [TokenSource(Secret("SSWS 00abc\n"), "OKHOOK_TOKEN", None)], []
    )
    assert found.token.reveal() == "00abc"


def test_a_token_that_is_not_text_is_a_fault_of_the_file() -> None:
    """`token = 7` in a file is exit 3, naming the place."""
    layer = Layer({"token": 7}, {"token": "token in ./okhook.toml"})
    with pytest.raises(ConfigurationError) as caught:
        token_sources([layer], [], [])
    assert "token in ./okhook.toml" in caught.value.what


ORGS = [None, "one.okta.com", TWO, "two-admin.okta.com", "sandbox", "nonsense://"]


@given(
    orgs=st.lists(st.sampled_from(ORGS), max_size=5), asked=st.sampled_from([ONE, TWO, "http://127.0.0.1:1"])
)  # fmt: skip
def test_no_token_ever_goes_to_an_org_that_it_is_not_for(
    orgs: list[str | None], asked: str
) -> None:
    """Whatever is set where: the chosen token names the asked org, or none."""
    tools = [
        OktaTool(org, "place", Secret(f"token-{number}"), f"origin-{number}")
        for number, org in enumerate(orgs)
    ]
    sandboxes = [sandbox(1)]
    sources = token_sources([], tools, sandboxes)
    try:
        chosen = credential_for(Org(asked), sources, sandboxes).token
    except CredentialsError:
        assert None not in orgs
        return
    [source] = [source for source in sources if source.token == chosen]
    assert source.org in (None, "sandbox") or parse_org(str(source.org)) == Org(asked)
    assert source.org != "sandbox" or asked == "http://127.0.0.1:1"
