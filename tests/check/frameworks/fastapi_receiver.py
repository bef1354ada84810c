"""An event hook receiver in FastAPI: ``python -m … PORT FILE``, with HOOK_SECRET set."""

import hmac
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import BackgroundTasks, Depends, FastAPI, Header, HTTPException, Request, Response

from tests.check.frameworks.processed import Processed


def receiver(file: Path, secret: str) -> FastAPI:
    app = FastAPI()
    processed = Processed(file)

    def authenticate(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), secret.encode()):
            raise HTTPException(401)

    @app.get("/hook", dependencies=[Depends(authenticate)])
    def verify(x_okta_verification_challenge: Annotated[str, Header()] = "") -> dict[str, str]:
        if not x_okta_verification_challenge:
            raise HTTPException(400)
        return {"verification": x_okta_verification_challenge}

    @app.post("/hook", status_code=204, dependencies=[Depends(authenticate)])
    async def deliver(request: Request, background: BackgroundTasks) -> Response:
        try:
            events = json.loads(await request.body())["data"]["events"]
            uuids = [event["uuid"] for event in events]
        except (ValueError, TypeError, KeyError):
            raise HTTPException(400) from None
        background.add_task(processed.add, uuids)
        return Response(status_code=204, background=background)

    @app.get("/processed/{uuid}")
    def count(uuid: str) -> dict[str, int]:
        return {"count": processed.count(uuid)}

    return app


if __name__ == "__main__":
    app = receiver(Path(sys.argv[2]), os.environ["HOOK_SECRET"])
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
