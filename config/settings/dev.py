"""Embedded defaults: what `manage.py` uses when nothing is set."""

from config.settings.base import *  # noqa: F403
from config.settings.logging import *  # noqa: F403
from config.settings.mail import *  # noqa: F403
from config.settings.security import *  # noqa: F403
