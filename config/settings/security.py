"""Sessions, passwords, lock-out, content security policy, headers."""

from csp.constants import NONCE, NONE, SELF

from config.env import load

_ENV = load()

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"

SESSION_COOKIE_NAME = "__Host-bitewing" if _ENV.is_https else "bitewing"
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = _ENV.is_https
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
LANGUAGE_COOKIE_NAME = "bitewing-language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = _ENV.is_https
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-bitewing-csrf" if _ENV.is_https else "bitewing-csrf"
CSRF_COOKIE_SECURE = _ENV.is_https
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_TRUSTED_ORIGINS = _ENV.origins

OTP_TOTP_ISSUER = "Bitewing"
OTP_TOTP_THROTTLE_FACTOR = 1
# A code typed slowly is no slow clock: the half minute before and the one after are always taken.
OTP_TOTP_SYNC = False
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
# By account, not by address: a practice shares one, and a stranger changes his.
AXES_LOCKOUT_PARAMETERS = ["username"]
# How `authenticate` is given the address: by its default, "email", axes would find nobody and lock nobody.
AXES_USERNAME_FORM_FIELD = "username"
# frame-ancestors of the policy replaces X-Frame-Options; our CsrfMiddleware is Django's with one rule more; TLS ends
# before the portal, which redirects; preloading is for the operator of the domain to decide.
SILENCED_SYSTEM_CHECKS = ["axes.W006", "security.W002", "security.W003", "security.W008", "security.W021"]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 63_072_000 if _ENV.is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _ENV.is_https
SECURE_SSL_REDIRECT = False
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# Bodies of images never pass through Django's parsers; forms are small.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# Photographs and evidence come with forms: they go from memory into the vault and never lie in a temporary file.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
