"""Every setting, read from the environment once. README.md lists them.

A value that cannot be read as its type stops the process at start and names the variable.
In production (`HKTALENT_ENVIRONMENT=production`) unsafe values stop it too.
"""

from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from environs import Env, validate

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

PRODUCTION = (
    env.str("HKTALENT_ENVIRONMENT", "development", validate=validate.OneOf(["development", "production"]))
    == "production"
)
DEBUG = env.bool("DEBUG", False)

DEVELOPMENT_SECRET_KEY = "development-only-and-refused-in-production"
SECRET_KEY = env.str("SECRET_KEY", DEVELOPMENT_SECRET_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [])

if PRODUCTION:
    if SECRET_KEY == DEVELOPMENT_SECRET_KEY or len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("SECRET_KEY must be set in production: 50 random characters or more.")
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be false in production, got true.")
    if any("*" in host or host.startswith(".") or not host for host in ALLOWED_HOSTS):
        raise ImproperlyConfigured(
            f"ALLOWED_HOSTS must name each host in production, got {','.join(ALLOWED_HOSTS)!r}."
        )

# Files that the product writes: the SQLite database, model artefacts, rejected import rows.
VAR = env.path("HKTALENT_VAR", BASE_DIR / "var")

INSTALLED_APPS = [
    # Leaves the choice of the admin site to OfficeConfig.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "recommender.skills",
    "recommender.workforce",
    "recommender.catalogue",
    "recommender.learners",
    "recommender.recommendations",
    "recommender.portal",
    "recommender.api",
    "hktalent.admin.OfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Django pads what it compresses, so that its length gives no secret away.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "hktalent.urls"
WSGI_APPLICATION = "hktalent.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.i18n",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR / 'hktalent.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Write-ahead logging lets pages be read while the job writes; IMMEDIATE makes a second
    # writer wait its turn instead of failing half-way through a transaction.
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
    }
    try:
        VAR.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"HKTALENT_VAR must be a folder that can be made: {error}") from error
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["CONN_MAX_AGE"] = 60

# Address of a Dask scheduler, such as tcp://10.0.0.5:8786; empty: runs fit in their own process.
DASK_SCHEDULER = env.str("HKTALENT_DASK_SCHEDULER", "")

REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# A socket is named redis+socket:// by Celery and unix:// by redis-py; REDIS_URL is redis-py's.
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=") or "memory://"
)
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "Asia/Hong_Kong"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 15,
    "unacked_restore_throttle": 1,
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
# Beat takes this over into its tables when it starts; staff may switch a task off there, not move it.
CELERY_BEAT_SCHEDULE = {
    "nightly recommendations": {
        "task": "recommender.recommendations.tasks.start_nightly_run",
        "schedule": crontab(hour=3, minute=0),
    },
    "fail stalled runs": {
        "task": "recommender.recommendations.tasks.fail_stalled_runs",
        "schedule": 30.0,
    },
    "propose queued skills": {
        "task": "recommender.catalogue.tasks.propose_queued_skills",
        "schedule": 60.0,
    },
    "monthly e-mails": {
        "task": "recommender.portal.tasks.send_monthly_digests",
        "schedule": crontab(day_of_month=1, hour=9, minute=0),
    },
    "forget what has expired": {
        "task": "recommender.learners.tasks.forget_what_has_expired",
        "schedule": crontab(hour=4, minute=30),
    },
}

# An upload is read in memory and never touches a disk; one of more than 2.5 MB is thrown away unread.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

SESSION_ENGINE = "recommender.learners.sessions"
AUTH_USER_MODEL = "learners.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_REDIRECT_URL = reverse_lazy("portal:courses_for_you")
LOGIN_URL = reverse_lazy("account_login")
ACCOUNT_SIGNUP_REDIRECT_URL = reverse_lazy("portal:welcome")
# The site works at once; what is sent unasked goes to confirmed addresses only (see learners.mails).
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_LOGOUT_REDIRECT_URL = reverse_lazy("portal:front")
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None

EMAIL_CONFIG = env.dj_email_url("EMAIL_URL", "console://")
if not EMAIL_CONFIG.get("EMAIL_BACKEND"):
    raise ImproperlyConfigured("EMAIL_URL must begin with smtp://, smtps://, submission:// or console://.")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "HK Talent <noreply@localhost>")
# Where links in e-mails lead that no request asked for.
SITE_URL = env.str(
    "HKTALENT_SITE_URL", f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://127.0.0.1:8000"
).rstrip("/")
CONTACT_EMAIL = env.str("HKTALENT_CONTACT_EMAIL", "")
# Accounts without a sign-in for so many months are told, and erased a month later; 0: never.
RETENTION_MONTHS = env.int("HKTALENT_RETENTION_MONTHS", 0, validate=validate.Range(min=0, max=600))

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hant", "繁體中文"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "hktalent" / "locale"]
FORMAT_MODULE_PATH = "hktalent.formats"
TIME_ZONE = "Asia/Hong_Kong"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
if PRODUCTION:
    STATIC_ROOT = VAR / "static"
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
WHITENOISE_USE_FINDERS = not PRODUCTION

SECURE_SSL_REDIRECT = PRODUCTION
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# Rate limits count the address that the trusted proxy saw, never one that a client claims.
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_SECURE = PRODUCTION

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.ScopedRateThrottle",
    ],
    # Planning a pathway may keep a process busy for seconds; the page counts together with the API.
    "DEFAULT_THROTTLE_RATES": {"anon": "300/min", "user": "600/min", "pathways": "30/min"},
    "EXCEPTION_HANDLER": "recommender.api.errors.handle_exception",
    "NUM_PROXIES": int(BEHIND_PROXY),
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "HK Talent",
    "DESCRIPTION": "Courses, recommendations, enrolments and runs.",
    "VERSION": "1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "CourseStatus": "recommender.catalogue.models.Course.Status",
        "Discipline": "recommender.skills.models.Discipline",
        "EnrolmentStatus": "recommender.learners.models.Enrolment.Status",
        "EventKind": "recommender.learners.models.Event.Kind",
        "Mode": "recommender.catalogue.models.Mode",
        "PathwayKind": "recommender.learners.models.SavedPathway.Kind",
        "ProviderKind": "recommender.catalogue.models.Provider.Kind",
        "RunStatus": "recommender.recommendations.models.Run.Status",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "recommender.api.schema.describe_problems",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

UNFOLD = {
    "SITE_TITLE": "HK Talent",
    "SITE_HEADER": "HK Talent",
    "SITE_SUBHEADER": _("Programme office"),
    "SITE_URL": reverse_lazy("portal:front"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("portal/icon.svg")}
    ],
    "SHOW_LANGUAGES": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.log_level("LOG_LEVEL", "WARNING")},
}
