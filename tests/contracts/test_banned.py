"""House rules are lint before they are prose."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("snippet", "instead"),
    [
        ("import os\n\nurl = os.environ['BITEWING_REDIS_URL']\n", "config/env.py"),
        ("from datetime import UTC, datetime\n\nat = datetime.now(UTC)\n", "common.clock.now"),
        ("from django.utils import timezone\n\nat = timezone.now()\n", "common.clock.now"),
        ("from django_scopes import scope\n\nall_tenants = scope(tenant=None)\n", "tenant_scope"),
        ("from celery import shared_task\n\nshared_task()\n", "base task"),
        ("from django.core.mail import send_mail\n\nsend_mail()\n", "common.mail"),
        ("from django.db.models.signals import post_save\n\npost_save.connect(print)\n", "outbox"),
    ],
)
def test_the_linter_refuses_what_is_banned_and_says_what_to_write(snippet: str, instead: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--stdin-filename", "pacs/views.py", "-"]

    run = subprocess.run(command, input=snippet, capture_output=True, text=True, check=False)

    assert "TID251" in run.stdout
    assert instead in run.stdout
