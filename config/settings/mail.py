"""Outgoing mail from BITEWING_EMAIL_URL."""

from urllib.parse import unquote, urlsplit

from config.env import load

_URL = urlsplit(load().email_url)

DEFAULT_FROM_EMAIL = f"Bitewing <no-reply@{load().host}>"
if _URL.scheme == "file":
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = "/" + unquote(_URL.path).lstrip("/")
else:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _URL.hostname
    EMAIL_PORT = _URL.port or (465 if _URL.scheme == "smtps" else 587)
    EMAIL_HOST_USER = unquote(_URL.username or "")
    EMAIL_HOST_PASSWORD = unquote(_URL.password or "")
    EMAIL_USE_SSL = _URL.scheme == "smtps"
    EMAIL_USE_TLS = _URL.scheme == "smtp"
EMAIL_TIMEOUT = 10
