"""An event hook receiver in Flask: ``python -m … PORT FILE``, with HOOK_SECRET set."""

import hmac
import os
import sys
from pathlib import Path

from flask import Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue

from tests.check.frameworks.processed import Processed


def receiver(file: Path, secret: str) -> Flask:
    app = Flask(__name__)
    processed = Processed(file)

    @app.before_request
    def authenticate() -> None:
        presented = request.headers.get("Authorization", "")
        if request.path == "/hook" and not hmac.compare_digest(presented.encode(), secret.encode()):
            abort(401)

    @app.get("/hook")
    def verify() -> ResponseReturnValue:
        challenge = request.headers.get("X-Okta-Verification-Challenge")
        if challenge is None:
            abort(400)
        return jsonify(verification=challenge)

    @app.post("/hook")
    def deliver() -> ResponseReturnValue:
        delivery = request.get_json()
        if not isinstance(delivery, dict) or not isinstance(delivery.get("data"), dict):
            abort(400)
        events = delivery["data"].get("events")
        if not isinstance(events, list):
            abort(400)
        processed.add([event["uuid"] for event in events])
        return "", 204

    @app.get("/processed/<uuid>")
    def count(uuid: str) -> ResponseReturnValue:
        return str(processed.count(uuid))

    return app


if __name__ == "__main__":
    receiver(Path(sys.argv[2]), os.environ["HOOK_SECRET"]).run(port=int(sys.argv[1]))
