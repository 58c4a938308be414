"""Django: the example, in a process of its own, for Django is configured once in a process."""

import os
import subprocess
import sys

import psycopg

from tests_py.extras.conftest import EXAMPLES

USE = """
import django_shop as shop
from django.test import Client, override_settings

with override_settings(ALLOWED_HOSTS=["testserver"]):
    web = Client()
    for _ in range(2):
        placed = web.post("/orders/7/")
        assert (placed.status_code, placed.json()) == (202, {"workflow_id": "order-7"}), placed.content
    assert web.get("/orders/7/").status_code == 405
    shop.perdure.close()
    with shop.perdure:
        found = web.get("/orders/7/result/")
    booking = shop.Booking.objects.get()
    assert found.json() == {"booking": booking.pk}
    assert (booking.order, booking.payment) == (7, "payment-7")
"""


def run_python(database, *arguments):
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=EXAMPLES,
        env={**os.environ, "PERDURE_DATABASE_URL": database},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_order_is_booked_once_with_the_record_of_its_step(database):
    try:
        run_python(database, "django_shop.py", "tables")
        run_python(database, "-c", USE)
        with psycopg.connect(database) as connection:
            step = "select xmin from perdure.steps where name = 'book'"
            same = f"select ({step}) = (select xmin from shop_booking)"
            assert connection.execute(same).fetchall() == [(True,)]
    finally:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("drop table if exists shop_booking")
