"""The file of ``hooks apply``: what it may say, and the errors for everything else."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import okhook
from okhook.errors import InvalidInput
from okhook.okta.as_code.entry import FromVariable, HookEntry, SecretEntry
from okhook.okta.as_code.hook_file import read_hook_file
from tests.support.each import check_each

HOOK = '[[hook]]\nname = "a"\nurl = "https://a.example.com/"\nevents = ["user.session.start"]\n'


def test_a_whole_hook() -> None:
    """Every key that there is."""
    text = """
    [[hook]]
    id = "who1"
    name = "audit"
    url = "https://a.example.com/"
    description = "for tests"
    active = false
    secret = { header = "X-Secret", variable = "OKHOOK_AUTH_SECRET_AUDIT" }
    events = ["user.session.start"]
    [hook.headers]
    X-Stage = "dev"
    X-Api-Key = { variable = "OKHOOK_AUTH_SECRET_KEY" }
    [hook.filters]
    "user.session.start" = "true"
    """
    assert read_hook_file(text) == [
        HookEntry(
            name="audit",
            url="https://a.example.com/",
            events=("user.session.start",),
            description="for tests",
            is_active=False,
            headers=(("X-Stage", "dev"), ("X-Api-Key", FromVariable("OKHOOK_AUTH_SECRET_KEY"))),
            filters=(("user.session.start", "true"),),
            secret=SecretEntry("X-Secret", "OKHOOK_AUTH_SECRET_AUDIT"),
            hook_id="who1",
        )
    ]


WRONG = {
    "[[hook]\n": "Expected ']]' at the end of an array declaration (at line 1",
    f"{HOOK}x =\n": "(at line 5",
    "hooks = 1": "unknown name hooks → did you mean hook?",
    "[hook]\nname = 'a'": "hook must be tables: write [[hook]]",
    "hook = [1]": "hook must be tables: write [[hook]]",
    f"{HOOK}evnts = []": "hook 1 (a): unknown name evnts → did you mean events?",
    f"{HOOK}secrets = 'x'": "hook 1 (a): unknown name secrets → did you mean secret?",
    f"{HOOK}description = 5": "hook 1 (a): description must be a string",
    f"{HOOK}id = 5": "hook 1 (a): id must be a string",
    f"{HOOK}active = 'no'": "hook 1 (a): active must be true or false",
    f"{HOOK}{HOOK}": "2 hooks are called a → give each another name, or the id of its hook",
    f"{HOOK}id = 'w'\n{HOOK}id = 'w'": "2 hooks have the id w",
    "[[hook]]": "hook 1: name is missing",
    "[[hook]]\nname = 'a'": "hook 1 (a): url is missing",
    "[[hook]]\nname = 'a'\nurl = 'u'": "hook 1 (a): events must be a list of event types",
    "[[hook]]\nname = 1": "hook 1: name must be a string",
    HOOK.replace('["user.session.start"]', "'x'"): "events must be a list",
    HOOK.replace('["user.session.start"]', "[1]"): "events must be a list",
    f"{HOOK}headers = ['X: y']": "headers must be a table: write [hook.headers]",
    f"{HOOK}headers.X = 1": "hook 1 (a): the header X must be a string, or { variable",
    f"{HOOK}headers.X = {{ value = '1' }}": "the header X: unknown name value",
    f"{HOOK}filters = 'x'": "filters must be a table",
    f"{HOOK}filters.user.session.start = 'x'": "put the event type in quotes",
    f"{HOOK}secret = 'hush-hush'": "secret must be a table without the secret itself",
    f"{HOOK}secret = {{ variable = 'OKHOOK_AUTH_SECRET' }}": "secret: header is missing",
    f"{HOOK}secret = {{ header = 'X', value = 'hush-hush' }}": "secret: unknown name value",
    f"{HOOK}secret = {{ header = 'X', variable = 'OKHOOK_AUTH_SECRET_FILE' }}": (
        "OKHOOK_AUTH_SECRET_FILE is a setting, and names a file"
    ),
}


def test_a_wrong_file_is_explained() -> None:
    """Each error names the line or the hook, and never shows a value that may be a secret."""

    def check(text: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            read_hook_file(text)
        error = caught.value
        said = f"{error.what} {error.why or ''} → {error.next_step}"
        assert WRONG[text] in said.replace("  ", " "), said
        assert "hush-hush" not in said

    check_each(WRONG, check)


@pytest.mark.parametrize(
    "variable",
    [
        "AWS_SECRET_ACCESS_KEY",
        "OKHOOK_TOKEN",
        "HOME",
        "",
        "OKHOOK_AUTH_SECRETS",
        "okhook_auth_secret",
    ],
)
@pytest.mark.parametrize(
    "place", ["secret = {{ header = 'X', variable = '{}' }}", "headers.X = {{ variable = '{}' }}"]
)
def test_a_file_names_only_variables_for_hooks(variable: str, place: str) -> None:
    """A stranger's file could send any other to its own URL."""
    with pytest.raises(InvalidInput, match="is not a variable that a file can name"):
        read_hook_file(HOOK + place.format(variable))


def test_a_hostile_file_ends_soon() -> None:
    """Deep nesting and long numbers are errors, not crashes."""
    for text in ("a = " + "[" * 100_000, "[" + "a." * 50_000 + "a]", "a = " + "9" * 10_000):
        with pytest.raises(InvalidInput, match="invalid TOML"):
            read_hook_file(text)


def test_a_file_without_hooks() -> None:
    """It is what the export of an org without hooks looks like."""
    assert read_hook_file("# Event hooks of dev-123.okta.com\n") == []


def test_the_file_in_the_manual() -> None:
    """It has every key but the id, and can be used as it is."""
    page = Path(okhook.__file__).parent / "manual" / "register-and-hooks.md"
    (example,) = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    (entry,) = read_hook_file(example)
    assert [field.name for field in fields(entry) if not getattr(entry, field.name)] == ["hook_id"]
    assert entry.variables == ("OKHOOK_AUTH_SECRET_AUDIT", "OKHOOK_AUTH_SECRET_AUDIT_KEY")
