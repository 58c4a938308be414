"""Orders in Django: each is booked once, in one commit with the record of its step.

pip install 'perdure[django]'
export PERDURE_DATABASE_URL=postgresql://localhost/shop
perdure install
python django_shop.py tables         # once
perdure worker django_shop:perdure   # runs the workflows
python django_shop.py runserver      # starts them:  curl -X POST localhost:8000/orders/7/
curl localhost:8000/orders/7/result/
"""

import os
import sys
from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import connection, models
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from perdure import Perdure
from perdure.django import transaction

parts = urlsplit(os.environ["PERDURE_DATABASE_URL"])
settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path[1:],
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": parts.port or "",
        }
    },
    ROOT_URLCONF=__name__,
    DEBUG=True,  # and ALLOWED_HOSTS of your own where it is not for a try
    USE_TZ=True,
    SECRET_KEY="one of your own where it is not for a try",
)
django.setup()

perdure = Perdure()


class Booking(models.Model):
    order = models.IntegerField()
    payment = models.TextField()

    class Meta:
        app_label = "shop"


@perdure.step()
def charge(order: int) -> str:
    return f"payment-{order}"


@transaction(perdure)
def book(order: int, payment: str) -> int:
    return Booking.objects.create(order=order, payment=payment).pk


@perdure.workflow()
def checkout(order: int) -> dict[str, Any]:
    return {"booking": book(order, charge(order))}


@csrf_exempt
@require_POST
def place(request: HttpRequest, order: int) -> JsonResponse:
    # The id makes it one workflow, however often the request is repeated.
    handle = perdure.enqueue(checkout, order, workflow_id=f"order-{order}")
    return JsonResponse({"workflow_id": handle.workflow_id}, status=202)


@require_GET
def result(request: HttpRequest, order: int) -> JsonResponse:
    return JsonResponse(perdure.retrieve_workflow(f"order-{order}").get_result(timeout=10))


urlpatterns = [path("orders/<int:order>/", place), path("orders/<int:order>/result/", result)]


def make_tables() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Booking)


if __name__ == "__main__":
    if sys.argv[1:] == ["tables"]:
        make_tables()
    else:
        execute_from_command_line([*sys.argv, "--noreload"] if "runserver" in sys.argv else sys.argv)
