"""Settings common to every kind of deployment."""

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from config import databases
from config.env import ROOT, embedded_secret_key, load

try:
    ENV = load()
except ValidationError as error:
    raise ImproperlyConfigured(
        "; ".join(f"BITEWING_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
    ) from None

BASE_DIR = ROOT
SECRET_KEY = ENV.secret_key or embedded_secret_key(ENV.data_dir)
DEBUG = False
ALLOWED_HOSTS = [ENV.host, "127.0.0.1", "localhost"] if ENV.is_loopback else [ENV.host]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "django_vite",
    "audit",
    "outbox",
    "accounts",
    "vault",
    "pacs",
    "sharing",
    "inference",
    "compliance",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.ProblemMiddleware",
    "config.middleware.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.PageMiddleware",
    "config.middleware.CsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "config.middleware.ActorMiddleware",
    "config.middleware.ZoneMiddleware",
    "config.middleware.LanguageMiddleware",
    "config.middleware.AbsentMiddleware",
    "axes.middleware.AxesMiddleware",
]

# What only pages need: half of the time of a frame went into it.
PAGE_MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False

DATABASES = {"default": databases.connection(ENV.database_url)}
if ENV.database_owner_url:
    DATABASES["owner"] = databases.connection(ENV.database_owner_url)
if ENV.database_platform_url:
    DATABASES["platform"] = databases.connection(ENV.database_platform_url)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "config.chrome.page",
            ],
        },
    }
]
COTTON_DIR = "components"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = ENV.data_dir / "static"
STATICFILES_DIRS = [ROOT / "static"]
# No default storage: what is kept is a sealed object of the vault, or a row (docs/decisions/0020).
STORAGES = {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DJANGO_VITE = {
    "default": {"dev_mode": False, "static_url_prefix": "build", "manifest_path": ROOT / "static/build/manifest.json"}
}

BITEWING_BASE_URL = ENV.base_url
BITEWING_DATA_DIR = ENV.data_dir
BITEWING_DEMO = ENV.demo
BITEWING_STORAGE_URL = ENV.storage_url
BITEWING_KEYRING_URL = ENV.keyring_url
BITEWING_ROOT_KEY_URL = ENV.root_key_url
BITEWING_BACKUP_URL = ENV.backup_url
BITEWING_BACKUP_KEEP_DAYS = ENV.backup_keep_days
BITEWING_RECOVERY_RECIPIENTS = ENV.recovery_recipients
BITEWING_POSTGRES_PROGRAMS = ENV.postgres_programs
BITEWING_REDIS_URL = ENV.redis_url
BITEWING_ADVISORY_FILE = ENV.advisory_file
BITEWING_CRASH_AT = ENV.crash_at

# Who may act in a request, in order: a token alone; else a staff session before those of patients and guests.
ACTOR_RESOLVERS = [
    "accounts.resolve.from_token",
    "accounts.resolve.from_session",
    "sharing.resolve.from_patient_cookie",
    "sharing.resolve.from_guest_cookie",
]
# Who lists the links to a study: a package above the one that shows them.
STUDY_SHARES = "sharing.selectors.list_links"
# Where the keys that sign for tenants lie: in a package above the one that signs.
AUDIT_SIGNING_KEYS = "config.signing_keys.store"
# What a patient is told about training: a package beside the one that shows it.
TRAINING_PURPOSE = "inference.selectors.training_purpose"
TRAINING_OBJECTED = "inference.selectors.has_objected"
TRAINING_OBJECT = "inference.services.object_to_training"
# Who says whether a third party's network may run (inference.policy); where nobody answers, it may not.
INFERENCE_GATE = "config.wiring.third_party_papers"
OUTBOX_WIRING = "config.wiring.handlers"
# Analyses, by topic: their queue may have workers of its own.
OUTBOX_ANALYSES = ["inference.run-", "inference.batch-"]
# What may take long, by topic: it waits until everything else is done, in this order.
OUTBOX_LATER = ["pacs.hook-due", *OUTBOX_ANALYSES]
# Tenants whose analyses have a queue, hence workers, of their own; only with Redis.
OUTBOX_OWN_QUEUES = ENV.own_queues.split(",")
OUTBOX_NUDGE = "config.celery.nudge" if ENV.redis_url else "outbox.services.no_nudge"
