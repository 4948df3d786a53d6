"""WSGI entry point (decision 0003: WSGI, not ASGI)."""

import gc
import os
from importlib import import_module

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
django.setup(set_prefix=False)

# Only a web process serves frames; commands and tests import no thread.
from audit import flusher  # noqa: E402  Django must be set up first
from config.requests import Handler  # noqa: E402
from vault import watch  # noqa: E402

application = Handler()
import_module(settings.ROOT_URLCONF)

# What was loaded stays: nobody need look for garbage in it.
gc.freeze()
flusher.start()
watch.start()
