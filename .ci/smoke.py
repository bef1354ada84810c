"""One delivery to an installed okhook: served, answered, shown, and ended by Ctrl-C."""

import json
import signal
import subprocess
import sys
import urllib.request

PATIENCE_S = 60
DELIVERY = {"eventId": "smoke", "data": {"events": [{"eventType": "user.lifecycle.create"}]}}


def main(okhook: str) -> None:
    """Serve with the command ``okhook`` and send it one delivery."""
    command = [okhook, "serve", "--port", "0", "--output", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serve:
        assert serve.stdout is not None
        lines = map(json.loads, serve.stdout)
        ready = next(line for line in lines if line["type"] == "ready")
        request = urllib.request.Request(ready["url"], json.dumps(DELIVERY).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            assert answer.status == 204, answer.status
        delivery = next(line for line in lines if line["type"] == "delivery")
        assert delivery["event_id"] == "smoke", delivery
        serve.send_signal(signal.SIGINT)
        assert serve.wait(PATIENCE_S) == 0, serve.returncode
    print("served one delivery from the wheel")


if __name__ == "__main__":
    main(sys.argv[1])
