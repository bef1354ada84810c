"""What a terminal shows when Ctrl-C ends a command."""

from pathlib import Path

import pytest

from tests.cli.history import fill_store
from tests.cli.terminal import interrupted
from tests.support.sandbox_org import sandbox_org


@pytest.mark.parametrize(
    ("arguments", "after"),
    [
        (("serve", "--port", "0"), ("Receiving", "Ctrl-C")),
        (("sandbox", "--port", "0"), ("refuse http without", "Ctrl-C")),
        (("sandbox", "--port", "0", "--output", "json"), ("{", "Ctrl-C")),
        (("deliveries", "tail"), ("stored", "Ctrl-C")),
        (("deliveries", "prune", "--keep", "1"), ("[y/N]",)),
        (("up", "--sandbox", "--port", "0"), ("Jane Doe", "jane.doe@")),
        (
            ("reconcile", "--org", "sandbox", "--hook", "tests", "--watch"),
            ("log entries",),
        ),
    ],
    ids=" ".join,
)
def test_the_prompt_has_a_line_of_its_own_field_28(
    tmp_path: Path, arguments: tuple[str, ...], after: tuple[str, ...]
) -> None:
    """The terminal shows ``^C`` where the cursor is; what follows begins on the next line."""
    fill_store(tmp_path)
    with sandbox_org(home=tmp_path) as org:
        org.create_hook("https://example.com/okta", name="tests")
        shown = interrupted(*arguments, home=tmp_path, after=after)
    assert "^C\r\n" in shown
    assert shown.endswith("\r\n")
