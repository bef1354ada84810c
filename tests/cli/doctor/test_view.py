"""How a diagnosis looks."""

from okhook.cli.console import Console
from okhook.cli.doctor.view import DoctorRenderer
from okhook.config.settings import Output
from okhook.doctor.check import Checked, Finding, diagnosis_of, failed, ok, skipped


def shown(*found: tuple[str, Finding], verbose: bool = False) -> list[str]:
    renderer = DoctorRenderer(Console(output=Output.TEXT, quiet=False), verbose=verbose)
    checked = [Checked(name, finding, 0.01) for name, finding in found]
    activities = [*checked, diagnosis_of(checked, 0.5)]
    return [line.plain for activity in activities for line in renderer(activity)]


def test_what_failed_has_its_facts_and_its_remedy_beneath() -> None:
    """What is sound is one line, and shows more on request."""
    sound = ("store", ok("3 records", "/state/store.db"))
    broken = ("path", failed("lost", "a fact", remedy="okhook serve\nor this"))
    assert shown(sound, broken) == [
        "✓ store       3 records",
        "✗ path        lost",
        "              a fact",
        "              → okhook serve",
        "                or this",
        "1 ok, 1 failed  0.5 s",
    ]
    assert shown(sound, verbose=True)[1] == "              /state/store.db"


def test_those_left_out_for_one_reason_are_told_at_once() -> None:
    """Also at the very end; another reason is another line."""
    no_org = skipped("no org is set", remedy="name it with --org")
    lines = shown(
        ("tunnel", skipped("no tunnel is running")),
        ("org", no_org),
        ("clock", skipped("no org is set")),
        ("hook", skipped("no org is set")),
    )
    assert [line[2:] for line in lines[:2]] == [
        "tunnel      no tunnel is running",
        "org         no org is set",
    ]
    assert lines[2:] == [
        "              also skipped: clock, hook",
        "              → name it with --org",
        "4 skipped  0.5 s",
    ]


def test_what_comes_from_outside_steers_no_terminal() -> None:
    """A hook's name, a reason of the org's, a server's title."""
    nasty = "\x1b[2J\u202eevil\n✓ forged"
    lines = shown(("hook", failed(nasty, nasty, remedy=nasty)))
    assert not any("\x1b" in line or "\u202e" in line or "\n" in line for line in lines)
    assert not any(line.startswith("✓ forged") for line in lines)
