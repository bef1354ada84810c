"""How hooks look on a terminal: columns that fit, red where nothing comes, harmless always."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from rich.cells import cell_len

from okhook.activity import A, Stopped
from okhook.cli.hooks.view import hook_in_full, hook_rows
from okhook.cli.types.run import type_rows
from okhook.cli.views.lines import View
from okhook.cli.views.org import render_org
from okhook.okta.activities import EventTypeListed, HookChanged, HookFound
from okhook.okta.event_hooks import EventHook, body_of, read_event_hook
from okhook.text import plain
from tests.okta.fake_org import FakeOrg, shown
from tests.okta.setup import WANTED

ORG = "https://o.okta.com"


def a_hook(**changes: str) -> EventHook:
    return read_event_hook(shown(FakeOrg().add(body_of(WANTED, description=None), **changes)))


HOOK = a_hook(verificationStatus="VERIFIED")
UNVERIFIED = a_hook(id="who2", name="two")
WIDE = a_hook(name="名前", status="INACTIVE")


def mending(hook: EventHook) -> str:
    return f"okhook hooks verify {hook.id}"


def lines(view: View[A], *activities: A) -> list[str]:
    return [line.plain for activity in activities for line in view(activity)]


def test_a_list_in_columns() -> None:
    """What is wide takes its width, and the one that gets nothing has a second line."""
    hooks = [HOOK, UNVERIFIED, WIDE]
    rows = lines(hook_rows(hooks, mending), *(HookFound(ORG, hook) for hook in hooks))
    assert rows == snapshot(
        [
            "ACTIVE VERIFIED      who00000000000000000  okhook tests    1 event type   https://hooks.example.com/okta",
            "ACTIVE UNVERIFIED    who2                  two             1 event type   https://hooks.example.com/okta",
            "  Okta sends nothing to it until it is verified: okhook hooks verify who2",
            "INACTIVE UNVERIFIED  who00000000000000000  名前            1 event type   https://hooks.example.com/okta",
        ]
    )
    urls = [row for row in rows if "https://hooks" in row]
    assert len({cell_len(row[: row.index("https://hooks")]) for row in urls}) == 1


def test_on_a_narrow_terminal_the_url_stands_beneath() -> None:
    """A line break would fall into the middle of it; all hooks look alike."""
    hooks = [HOOK, WIDE]

    def rows(width: int) -> list[str]:
        return lines(hook_rows(hooks, mending, width=width), *(HookFound(ORG, h) for h in hooks))

    in_one_line = rows(400)
    fits = max(map(cell_len, in_one_line))
    assert rows(fits) == in_one_line
    assert len(in_one_line) == len(hooks)
    narrow = rows(fits - 1)
    assert [narrow[1], narrow[3]] == [f"  {hook.url}" for hook in hooks]
    assert max(map(cell_len, rows(80))) <= 80


def test_only_what_looks_well_and_is_not_is_red() -> None:
    """ACTIVE and UNVERIFIED: inactive hooks are meant to get nothing."""

    def styles(hook: EventHook) -> str:
        rows = hook_rows([hook], mending)(HookFound(ORG, hook))
        return " ".join(str(span.style) for row in rows for span in row.spans)

    assert "red" in styles(UNVERIFIED)
    assert "red" not in styles(HOOK)
    assert "red" not in styles(WIDE)


def test_what_became_of_a_hook() -> None:
    """The step, what of it changed, and the status; one that is gone has none."""
    changed = HookChanged(ORG, "updated", HOOK, ("url", "events"))
    assert lines(render_org, changed) == snapshot(
        [
            "updated (url, events)  okhook tests  who00000000000000000  in https://o.okta.com",
            "  status       ACTIVE, VERIFIED",
        ]
    )
    assert lines(render_org, HookChanged(ORG, "already_active", HOOK))[0].startswith(
        "already active  okhook tests"
    )
    assert len(lines(render_org, HookChanged(ORG, "deleted", HOOK))) == 1


def test_other_activities_have_no_lines() -> None:
    """Those of the org show only its own."""
    assert lines(render_org, Stopped()) == []


hostile = st.text(st.sampled_from("a\x1b[]31m\n\r\u202e\x07\u200b\ue000"), max_size=12)


@given(text=hostile)
def test_nothing_from_outside_moves_the_cursor(text: str) -> None:
    """Every field of a hook and of an event type stays harmless on its line."""
    org = FakeOrg()
    wanted = replace(
        WANTED, name=text, url=text, events=(text,), headers=((text, text),),
        filters=((text, text),),
    )  # fmt: skip
    stored = org.add(body_of(wanted, description=text), status=text, verificationStatus=text)
    stored["channel"]["config"]["authScheme"]["key"] = text
    stored.update(created=text, lastUpdated=text)
    hook = replace(read_event_hook(stored), id=text)
    listed = EventTypeListed(text, None, (hook,) * 5, seen=True)
    for each in (
        *lines(hook_rows([hook], verify_command=lambda _: ""), HookFound(ORG, hook)),
        *lines(hook_in_full, HookFound(ORG, hook)),
        *lines(render_org, HookChanged(ORG, "updated", hook, ("url",))),
        *lines(type_rows([listed]), listed),
    ):
        assert plain(each) == each
