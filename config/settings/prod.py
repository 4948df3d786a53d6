"""A deployment: refuses to start without what must not be a default."""

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403
from config.settings.base import ENV
from config.settings.logging import *  # noqa: F403
from config.settings.mail import *  # noqa: F403
from config.settings.security import *  # noqa: F403

_MISSING = [
    name
    for name in ("secret_key", "base_url", "database_url", "storage_url", "keyring_url", "root_key_url", "email_url")
    if name not in ENV.model_fields_set
]
if _MISSING:
    raise ImproperlyConfigured(f"set {', '.join('BITEWING_' + name.upper() for name in _MISSING)}")
if not ENV.is_https:
    raise ImproperlyConfigured("BITEWING_BASE_URL must be https outside the demo")
if ENV.demo:
    raise ImproperlyConfigured("BITEWING_DEMO is refused in production")
if ENV.crash_at:
    raise ImproperlyConfigured("BITEWING_CRASH_AT is for tests: it kills the process")
