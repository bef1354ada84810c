"""In FastAPI, with models: whatever they do not allow is a 422, and a wrong secret a 200."""

from fastapi import FastAPI, Header
from pydantic import BaseModel


class Target(BaseModel):
    id: str
    alternateId: str  # noqa: N815 - Okta's name


class Event(BaseModel):
    uuid: str
    target: list[Target]


class Data(BaseModel):
    events: list[Event]


class Delivery(BaseModel):
    data: Data


app = FastAPI()


@app.get("/hook")
def verify(x_okta_verification_challenge: str = Header()) -> dict[str, str]:
    return {"verification": x_okta_verification_challenge}


@app.post("/hook")
def receive(delivery: Delivery, authorization: str = Header("")) -> dict[str, str]:
    if authorization != "s3cret":
        return {"error": "unauthorized"}
    return {"user": delivery.data.events[0].target[0].alternateId}
