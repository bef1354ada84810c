"""In Django, without ``csrf_exempt``: every delivery is refused."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["testserver"],
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    SECRET_KEY="for tests",
)


def hook(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        challenge = request.headers.get("X-Okta-Verification-Challenge", "")
        return JsonResponse({"verification": challenge}, status=200 if challenge else 400)
    return HttpResponse(status=204)


urlpatterns = [path("hook", hook)]
app = get_wsgi_application()
