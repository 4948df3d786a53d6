"""WSGI entry point (decision 0003: WSGI, not ASGI)."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)

# Only a web process serves frames; commands and tests import no thread.
from audit import flusher  # noqa: E402  Django must be set up first
from vault import watch  # noqa: E402

# What was loaded stays: nobody need look for garbage in it.
gc.freeze()
flusher.start()
watch.start()
