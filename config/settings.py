"""One settings file, read from the environment; what is missing fails loudly.

`script/server` and `script/test` fill the environment in on their own; docs/operations.md lists
every variable.
"""

import os
from datetime import date, time
from pathlib import Path

import environ
from bootstrap_wrapper import get_bootstrap_css_dir
from django.core.exceptions import ImproperlyConfigured

from accounts.database.limits import LIMITS, limited

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

HEZUO_ENV = env.str("HEZUO_ENV", default="production")
if HEZUO_ENV not in {"local", "test", "production"}:
    raise ImproperlyConfigured("HEZUO_ENV must be local, test or production")
PRODUCTION = HEZUO_ENV == "production"

SECRET_KEY = env.str("HEZUO_SECRET_KEY")
SEAL_KEYS = env.str("HEZUO_SEAL_KEYS")
SEAL_INDEX_KEY = env.str("HEZUO_INDEX_KEY")
DEBUG = False
ALLOWED_HOSTS = env.list("HEZUO_ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
BASE_URL = env.str("HEZUO_BASE_URL", default="")
# The beginning of every address and code system of the FHIR service (gateway/fhir/names.py).
FHIR_BASE = env.str("HEZUO_FHIR_BASE", f"{BASE_URL or 'http://localhost:8000'}/fhir/r4").rstrip("/")

# What others do for the portal (desk/plugins.py): the dotted path of a class, "" where the county
# is not connected. Those of the demonstration are refused in production.
CREDENTIALS = env.str("HEZUO_CREDENTIALS", default="")
IDENTITY_CHECK = env.str("HEZUO_IDENTITY_CHECK", default="")
ELECTRONIC_SIGNATURE = env.str("HEZUO_ELECTRONIC_SIGNATURE", default="")
SHORT_MESSAGE = env.str("HEZUO_SHORT_MESSAGE", default="")
for _path in (CREDENTIALS, IDENTITY_CHECK, ELECTRONIC_SIGNATURE, SHORT_MESSAGE):
    if PRODUCTION and _path.startswith("demo."):
        raise ImproperlyConfigured(f"{_path} is a stand-in of the demonstration")

INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "accounts",  # before Django's own: no superuser (its command of the same name)
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "desk",
    "policies",
    "institutions",
    "funds",
    "enrollment",
    "claims",
    "supervision",
    "gateway",
    "reports",
    "moving",
    "demo",
]

# Modules of the rooms above that say what their own rows and the books do not agree in
# (funds/management/commands/verify_books.py).
ROOMS_OF_BOOKS = [
    "funds.law.checking",
    "funds.opening.checking",
    "funds.reviewing.checking",
    "claims.recovery.checking",
    "claims.quotas.checking",
]

# What rooms above give out with a whole book beside its vouchers (funds/records.py).
ROOMS_OF_RECORDS = ["funds.reconciling.handed_out", "claims.handed_out", "reports.handed_out"]

# Modules of the rooms above that know something of people and households (people/rooms.py).
ROOMS_OF_PEOPLE = [
    "enrollment.people.one_person",
    "enrollment.cover.one_person",
    "enrollment.collection.one_person",
    "enrollment.status_lists.one_person",
    "enrollment.rosters.one_person",
    "enrollment.progress.one_person",
    "claims.one_person",
    "supervision.one_person",
]
# What was done, and which levels institutions have, in the days of measures (policies/release.py).
ROOMS_OF_MEASURES = [
    "institutions.under_measures",
    "enrollment.cover.under_measures",
    "claims.under_measures",
]
# What the measures ask of the fund and rooms above know (funds/law/known.py).
ROOMS_OF_FUND_LAW = ["claims.fund_law"]
# What the orders of payment pay for, asked by their keys (funds/payments/rooms.py).
ROOMS_OF_PAYMENTS = [
    "claims.paying.rooms",
    "claims.clearing.rooms",
    "claims.assistance.rooms",
    "claims.second.rooms",
    "claims.unpaid.rooms",
    "claims.dependence.rooms",
    "claims.recovery.rooms",
]
# What is known of the bill that an alert is about (supervision/views.py).
ROOMS_BESIDE_ALERTS = ["gateway.prechecks.told"]
# What they show on an institution's page (institutions/beside.py).
ROOMS_BESIDE_INSTITUTIONS = [
    "claims.clearing.beside",
    "supervision.beside",
    "gateway.clients.beside",
]
# What of theirs a voucher books, found by its key (funds/ledgers/behind.py).
ROOMS_BEHIND_VOUCHERS = ["enrollment.collection.behind", "claims.behind"]
# What the fund owes and has not paid (funds/payments/owing.py): kinds of each room, `OWED`.
ROOMS_THAT_OWE = [
    "funds.payments.work",
    "enrollment.collection.work",
    "claims.clearing.work",
    "claims.recovery.work",
]
# What stands open before a month of a book is closed (funds/closing/checklist.py).
ROOMS_OF_CLOSING = [
    "funds.closing.own",
    "funds.opening.closing",
    "funds.reconciling.closing",
    "funds.plans.closing",
    "funds.budget.closing",
    "funds.reviewing.closing",
    "enrollment.collection.closing",
    "claims.closing",
    "reports.closing",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.RequestLogMiddleware",
    "gateway.fhir.middleware.FhirErrorMiddleware",
    "gateway.middleware.InterfaceErrorMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.PlainTextMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "desk.submissions.SubmissionMiddleware",
]

ROOT_URLCONF = "config.urls"
# What waits for each role, room by room, in the order of the first page (desk/worklist.py).
WORK = (
    "enrollment.collection.work",
    "enrollment.cover.work",
    "enrollment.rosters.work",
    "claims.work",
    "claims.recovery.work",
    "claims.clearing.work",
    "claims.assistance.work",
    "claims.second.work",
    "funds.payments.work",
    "supervision.work",
    "supervision.reviewing.work",
    "supervision.complaints.work",
    "supervision.public.work",
    "supervision.publicity.work",
    "supervision.cases.work",
    "supervision.inspections.work",
    "policies.work",
    "funds.work",
    "enrollment.status_lists.work",
    "enrollment.carried.work",
    "claims.carried.work",
    "enrollment.progress.work",
    "institutions.work",
    "gateway.work",
    "reports.work",
    "moving.beginning.work",
    "desk.administration.work",
    "moving.work",
)

WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "desk.navigation.navigation",
                "institutions.context.workplace",
            ],
            "builtins": [
                "accounts.templatetags.hezuo",
                "desk.templatetags.acts",
                "desk.templatetags.given",
                "desk.templatetags.states",
                "desk.templatetags.moves",
                "desk.templatetags.submitted",
                "desk.templatetags.tables",
                "enrollment.collection.tags",
            ],
        },
    },
]

FORM_RENDERER = "accounts.widgets.Renderer"

# What runs here decides how long it waits: web, worker or command (accounts/database/limits.py).
PROCESS = env.str("HEZUO_PROCESS", default="command")
if PROCESS not in LIMITS:
    raise ImproperlyConfigured("HEZUO_PROCESS must be web, worker or command")
DATABASES = {
    "default": limited(env.db_url("DATABASE_URL", engine="accounts.database"), PROCESS),
}
# To whom `migrate` grants the application's rights, where it runs as the owner of the tables
# (accounts/granting.py). Empty: one role is both.
DATABASE_ROLE = env.str("HEZUO_DATABASE_ROLE", default="")
# Live-server threads of tests must not keep connections to a database that is to be dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0 if HEZUO_ENV == "test" else 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.StrengthValidator"},
]
PASSWORD_HASHERS = ["accounts.hashing.PasswordHasher"]
if HEZUO_ENV == "test":  # hashing slowly on purpose would only slow the tests
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CSRF_FAILURE_VIEW = "accounts.views.page_expired"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
# A session ends after so long without work, and after so long in any case (accounts/sessions.py).
IDLE_SECONDS = env.int("HEZUO_IDLE_MINUTES", default=30) * 60
SESSION_SECONDS = env.int("HEZUO_SESSION_HOURS", default=10) * 3600
if not (60 <= IDLE_SECONDS <= SESSION_SECONDS <= 24 * 3600):
    raise ImproperlyConfigured("HEZUO_IDLE_MINUTES and HEZUO_SESSION_HOURS: 1 minute … 24 hours")
SESSION_COOKIE_AGE = SESSION_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
# A rehearsal's fixed date; never set in production.
TODAY = date.fromisoformat(env.str("HEZUO_TODAY")) if env.str("HEZUO_TODAY", "") else None
if TODAY and PRODUCTION:
    raise ImproperlyConfigured("HEZUO_TODAY is for rehearsals and tests only")

STATIC_URL = "static/"
# Files are served with finders outside production, so a checkout needs no collectstatic.
STATIC_ROOT = env.str("HEZUO_STATIC_ROOT", str(BASE_DIR / "var" / "static")) if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static", ("bootstrap", str(get_bootstrap_css_dir()))]
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Scanned papers: never below a folder that a web server shows; kept in the backup.
SCANS_ROOT = env.str("HEZUO_SCANS_ROOT", str(BASE_DIR / "var" / "scans"))
# Backups of the database and the scans; the keys are never kept there (moving/keeping/).
BACKUPS_ROOT = env.str("HEZUO_BACKUPS_ROOT", str(BASE_DIR / "var" / "backups"))
BACKUPS_KEPT = env.str("HEZUO_BACKUPS_KEPT", "7,5,12")  # days, weeks, months
# Where pg_dump and pg_restore lie, if not where they usually do.
PG_PROGRAMS = env.str("HEZUO_PG_PROGRAMS", "")
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    # The door is accounts.permissions.require, as for every page.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
    "COERCE_DECIMAL_TO_STRING": True,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}

CELERY_BROKER_URL = env.str("REDIS_URL")
CELERY_TASK_ALWAYS_EAGER = HEZUO_ENV == "test" and not env.bool("HEZUO_REAL_WORKER", default=False)
CELERY_TASK_EAGER_PROPAGATES = True
# A test run's worker never takes the work of another portal on the same broker.
CELERY_TASK_DEFAULT_QUEUE = env.str(
    "HEZUO_QUEUE", f"test-{os.getpid()}" if HEZUO_ENV == "test" else "hezuo"
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 4
# The row is the truth: a message that cannot be sent at once is not sent (desk/announcing.py).
CELERY_TASK_PUBLISH_RETRY = False
# Seconds. A broker that is there but says nothing is given up like one that is away.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
    "socket_timeout": 5,
    "socket_connect_timeout": 4,
}
CELERY_TIMEZONE = TIME_ZONE
# Seconds. Work announces itself; a sweep only finds what a lost message or a dead worker left.
SWEEP = 300
CELERY_BEAT_SCHEDULE = {
    # Nothing announces a voucher, and until it is sealed an alteration leaves no trace.
    "seal vouchers": {"task": "funds.tasks.seal_vouchers", "schedule": 60},
    # So is every other row that never changes again (desk/row_seals.py).
    "seal rows": {"task": "desk.row_seals.seal_rows", "schedule": SWEEP},
    "carry on with jobs": {"task": "desk.jobs.carry_on", "schedule": SWEEP},
    "daily work": {"task": "desk.daily.do_daily_work", "schedule": SWEEP},
    # Boards count what changed themselves; so they find little left to count.
    "count places": {"task": "enrollment.progress.tasks.count_places", "schedule": 60},
    "screen new claims": {"task": "supervision.tasks.screen_new_claims", "schedule": SWEEP},
    # A code may be sold twice before there is a settlement to tell of.
    "tell of codes sold twice": {"task": "gateway.tasks.tell_leads", "schedule": SWEEP},
}
# Each of these once a day, at the first sweep after the hour or the first in which the portal runs
# (desk/daily.py). Hours in which nobody works, but for sheets, which mornings want; no norm.
DAILY = {
    "reports.tasks.request_last_month": time(0, 5),
    "accounts.tasks.clean_up": time(2, 0),
    "desk.importing.forget_old_files": time(2, 10),
    "desk.written_files.forget_old_files": time(2, 15),
    "desk.submissions.forget_submissions": time(2, 20),
    "gateway.files.services.forget_old_files": time(2, 25),
    "gateway.messages.forgetting.forget_old_messages": time(2, 30),
    "gateway.clients.forgetting.forget_failures": time(2, 35),
    "claims.tasks.mark_claim_free_years": time(2, 40),
    # On the month's first morning, before it has a settlement.
    "supervision.tasks.seal_samples": time(0, 10),
    "institutions.registry.services.apply_due": time(0, 10),
    "enrollment.progress.tasks.compare_places": time(3, 10),
    "enrollment.progress.tasks.take_progress_sheets": time(6, 30),
}
if CELERY_BROKER_URL.startswith("filesystem://"):
    _folder = env.path("HEZUO_BROKER_FOLDER")()
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": _folder,
        "data_folder_out": _folder,
        "processed_folder": f"{_folder}/processed",
        "control_folder": f"{_folder}/control",
    }

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = True
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("HEZUO_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("HEZUO_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL else []
# How many proxies of ours stand before the portal and add to X-Forwarded-For.
TRUSTED_PROXIES = env.int("HEZUO_TRUSTED_PROXIES", default=0)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "accounts.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # Statements and their parameters hold personal data: never logged.
        "django.db.backends": {"level": "WARNING"},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
