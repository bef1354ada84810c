"""Say why an event did not arrive: questions along its path, with answers. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from okhook.json_form import timestamp
from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import LogEntry
from okhook.records.record import Record, RecordKind
from okhook.runtime.running_here import is_same_url
from okhook.text import counted
from okhook.trigger.activities import Answered, Finding
from okhook.trigger.event_path import EventPath, NoAnswer
from okhook.wire.webhook_url import is_hookdeck_url

Command = Callable[..., str]
"""Makes an okhook command to paste from its words, for the same org."""

Verdict = tuple[Answered, str, str | None]
"""An answer, its evidence, and the command or instruction that fixes it."""

_SHOWN: Final = 5
_SHOWN_URLS: Final = 3
_DASHBOARD: Final = "https://dashboard.hookdeck.com/events"
_START_AGAIN: Final = "start it again with okhook up or okhook serve"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Answers the questions about one event. ``records`` are those since it happened.

    ``wanted_types`` are all event types that the scenario waits for: a remedy covers all of them.
    ``is_here`` if the org runs on this machine, and can call the receiver without a tunnel.
    """

    path: EventPath
    records: Sequence[Record]
    wanted_types: Sequence[str]
    is_here: bool
    command: Command

    def findings(self) -> Iterator[Finding]:
        """Yield the findings along the path, from the org to the receiver."""
        yield Finding("logged", "is it in the System Log?", *self._logged())
        yield Finding("subscribed", "does a hook subscribe to it?", *self._subscribed())
        yield Finding("meant_for_hook", "did Okta select a hook for it?", *self._meant_for_hook())
        yield Finding(
            "delivery_failed", "did Okta log a failed delivery?", *self._delivery_failed()
        )
        yield Finding("tunnel", "does a hook's URL call this machine?", *self._leads_here())
        if dashboard := self._hookdeck_dashboard():
            evidence = "okhook cannot check this; see Hookdeck's dashboard"
            yield Finding("hookdeck", "did Hookdeck receive it?", "unknown", evidence, dashboard)
        yield Finding("received", "did the receiver receive anything?", *self._received())

    def _logged(self) -> Verdict:
        entry = self.path.report.entry
        if isinstance(entry, NoAnswer):
            return "unknown", entry.why, None
        if entry is None:
            return "no", "not yet; it can take Okta minutes", None
        return "yes", f"{entry.uuid} at {timestamp(entry.published)}", None

    def _subscribed(self) -> Verdict:
        if isinstance(self.path.report.hooks, NoAnswer):
            return "unknown", self.path.report.hooks.why, None
        subscribed = self.path.subscribed
        if not subscribed:
            return "no", self._why_not_subscribed(), self._subscribing()
        named = "; ".join(
            f"{_named(hook)} is {hook.status} and {hook.verification_status}"
            for hook in subscribed[:_SHOWN]
        )
        first = subscribed[0]
        if first.receives:
            return "yes", named, None
        operation = "verify" if first.is_active else "activate"
        return "no", named, self.command("hooks", operation, first.id)

    def _why_not_subscribed(self) -> str:
        if not self.path.hooks:
            return "the org has no event hooks"
        if self.path.ours:
            named = ", ".join(_named(hook) for hook in self.path.ours[:_SHOWN])
            return f"{named} calls this machine, but does not subscribe to this type"
        return "no event hook of the org subscribes to this type"

    def _subscribing(self) -> str:
        """Return the command that subscribes our hook, the only hook or a new one."""
        candidates = self.path.ours or self.path.hooks
        if len(candidates) != 1:
            return self.command("register", *self._url(), *_each("--event", self.wanted_types))
        [hook] = candidates
        missing = [each for each in self.wanted_types if each not in hook.events]
        return self.command("hooks", "edit", hook.id, *_each("--add-event", missing))

    def _url(self) -> tuple[str, ...]:
        """Return the flag for a new hook's URL, unless that is a tunnel's."""
        running = self.path.running
        needs_none = running.webhook_urls or not running.receivers or not self.is_here
        return () if needs_none else ("--url", running.receivers[0].url)

    def _meant_for_hook(self) -> Verdict:
        path, entry = self.path, self.path.report.entry
        if not isinstance(entry, LogEntry):
            return "unknown", "only its System Log entry shows this", None
        named = ", ".join(entry.hook_ids or ())
        nameless = "its System Log entry lists no hook (targetEventHookIds)"
        if not path.is_for_nobody:
            return ("yes", f"for {named}", None) if named else ("unknown", nameless, None)
        for hook in path.filtering:
            expression = dict(hook.filters)[path.event_type]
            remedy = self.command("hooks", "edit", hook.id, "--remove-filter", path.event_type)
            evidence = f"the filter of {_named(hook)} rejects it: {expression}"
            return "no", evidence, remedy
        return "no", f"only for {named}" if named else nameless, None

    def _delivery_failed(self) -> Verdict:
        if isinstance(self.path.report.failures, NoAnswer):
            return "unknown", self.path.report.failures.why, None
        failures = self.path.failures
        if not failures:
            return "no", "the org has logged no failed delivery since then", None
        lines = [
            f"{entry.reason or 'no reason given'} at {timestamp(entry.published)}"
            f" ({', '.join(entry.target_ids)})"
            for entry in failures[:_SHOWN]
        ]
        return "yes", "; ".join(lines), None

    def _leads_here(self) -> Verdict:
        """Answer whether a hook's URL is that of a tunnel or a receiver here."""
        path, running = self.path, self.path.running
        if path.ours:
            hook = path.of_interest[0]
            if any(is_same_url(hook.url, url) for url in running.receiver_urls):
                return "yes", f"{hook.id} calls the receiver directly", None
            return "yes", f"{hook.id} calls the tunnel on this machine", None
        if isinstance(path.report.hooks, NoAnswer):
            return "unknown", path.report.hooks.why, None
        if not path.hooks:
            return "no", "the org has no event hooks", None
        shown = path.of_interest[:_SHOWN_URLS]
        named = "; ".join(f"{hook.id} calls {hook.url}" for hook in shown)
        if running.webhook_urls:
            remedy = self.command("register", *_each("--event", self.wanted_types))
            return "no", f"this machine's tunnel is {running.webhook_urls[0]}, but {named}", remedy
        evidence = f"{named}, and no okhook tunnel is running on this machine"
        if is_hookdeck_url(shown[0].url):
            return "no", evidence, "okhook tunnel"
        return "unknown", evidence, None

    def _hookdeck_dashboard(self) -> str | None:
        """Return the URL of Hookdeck's dashboard; None if the event does not go through Hookdeck.

        Hookdeck answers Okta before it forwards anything, so only Hookdeck knows what it did.
        """
        urls = [hook.url for hook in self.path.subscribed]
        tunnels = [
            tunnel
            for tunnel in self.path.running.tunnels
            if any(is_same_url(url, tunnel.webhook_url or "") for url in urls)
        ]
        if not tunnels and not any(is_hookdeck_url(url) for url in urls):
            return None
        return next(filter(None, (tunnel.dashboard_url for tunnel in tunnels)), _DASHBOARD)

    def _received(self) -> Verdict:
        if not self.path.running.receivers:
            return "no", "the receiver on this machine has stopped", _START_AGAIN
        kinds = (RecordKind.REFUSED, RecordKind.MALFORMED)
        turned_away = [record for record in self.records if record.kind in kinds]
        if turned_away:
            named = "; ".join(_with_answer(record) for record in turned_away[:_SHOWN])
            is_secret = any(record.status == 401 for record in turned_away)
            return "yes", named, self._same_secret() if is_secret else None
        others = sum(record.kind is RecordKind.DELIVERY for record in self.records)
        if others:
            deliveries = counted(others, "delivery", "deliveries")
            return "yes", f"{deliveries} of other events", None
        return "no", "the receiver has received nothing since then", None

    def _same_secret(self) -> str:
        if any(up.hook_id for up in self.path.running.ups):
            return (
                "restart okhook up: it then sets its hook's secret again; for another hook, set"
                " OKHOOK_AUTH_SECRET to that hook's secret"
            )
        hook_id = next((hook.id for hook in self.path.subscribed), "HOOK")
        edit = self.command("hooks", "edit", hook_id, "--auth-secret-file", "FILE")
        return (
            "the hook and the receiver have different secrets: start the receiver with the hook's"
            f" secret, or give the hook the receiver's secret:\n{edit}"
        )


def _each(flag: str, values: Iterable[str]) -> list[str]:
    """Return a flag before each value, as words of a command."""
    return [word for value in values for word in (flag, value)]


def _named(hook: EventHook) -> str:
    return f"{hook.name} ({hook.id})"


def _with_answer(record: Record) -> str:
    reason = "" if record.reason is None else f", {record.reason}"
    return f"#{record.seq} was answered {record.status}{reason}"
