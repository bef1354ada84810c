"""What the overview shows: what runs on this machine, and what can be done with it."""

from okhook.json_form import JsonObject, as_json
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.running_here import running_here
from okhook.trigger.scenario import ACTIONS


def overview_of(run_directory: RunDirectory) -> JsonObject:
    """Return the receivers, tunnels, hooks and sandboxes here, without any token.

    ``causable`` are the event types that the page can cause: none unless one sandbox runs here.
    """
    running = running_here(run_directory)
    return {
        "receivers": [
            {"url": each.url, "asks_for_secret": each.asks_for_secret, "pid": each.pid}
            for each in running.receivers
        ],
        "tunnels": [
            {
                "webhook_url": each.webhook_url,
                "source": each.source,
                "port": each.port,
                "dashboard_url": each.dashboard_url,
            }
            for each in running.tunnels
        ],
        "hooks": [{"org": each.org, "hook_id": each.hook_id} for each in running.ups],
        "sandboxes": [each.org_url for each in running.sandboxes],
        "causable": as_json(list(ACTIONS)) if len(running.sandboxes) == 1 else [],
    }
