"""In Flask, from an example of a web page: no secret, and the first target of the first event."""

from flask import Flask, jsonify, request
from werkzeug import Response

app = Flask(__name__)


@app.route("/hook", methods=["GET", "POST"])
def hook() -> Response:
    if request.method == "GET":
        return jsonify(verification=request.headers.get("X-Okta-Verification-Challenge"))
    event = request.json["data"]["events"][0]
    return jsonify(user=event["target"][0]["alternateId"])
