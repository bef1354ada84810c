"""A suite of a Django project with a database in a file, whose tests are transactions.

``tests.testing.test_examples`` runs it in a process of its own.
"""
# ruff: noqa: E402 - Django's settings come before the rest of Django

import json
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings

DATABASE = Path(__file__).with_name("test.sqlite3")

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["testserver"],
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATABASE)}},
)
django.setup()

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from okhook.testing import Deliverer, MakeDelivery, MakeEvent


@csrf_exempt
def hook(request: HttpRequest) -> HttpResponse:
    for event in json.loads(request.body)["data"]["events"]:
        Group.objects.get_or_create(name=event["uuid"])
    return HttpResponse(status=204)


urlpatterns = [path("hook", hook)]
app = get_wsgi_application()


@pytest.fixture(scope="module", autouse=True)
def tables() -> None:
    call_command("migrate", verbosity=0)


@pytest.fixture
def rolled_back() -> Iterator[None]:
    """Run a test in a transaction that is undone, as Django's TestCase and pytest-django do."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("rolled_back")
def test_the_app_works_in_the_transaction_of_the_test(
    okta_deliver: Deliverer, okta_delivery: MakeDelivery, okta_event: MakeEvent
) -> None:
    """Again and again: no request closes the connection."""
    Group.objects.create(name="of the test")
    event = okta_event()
    results = okta_deliver(app, okta_delivery(event), times=3)
    assert [result.status for result in results] == [204] * 3, results[0].traceback
    assert Group.objects.filter(name=event["uuid"]).count() == 1
    assert Group.objects.count() == 2


def test_the_transaction_was_undone() -> None:
    """Nothing is left for the next test."""
    assert Group.objects.count() == 0
