"""Entry point for the web server (launch/web.py)."""

import gc
import os
import sys
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("HEZUO_PROCESS", "web")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from accounts.logs import thread_to_the_log, to_the_log  # noqa: E402 - after the settings
from config import urls  # noqa: E402, F401 - and with it every page

sys.excepthook = to_the_log
threading.excepthook = thread_to_the_log

# What is loaded by now is kept: without this the collector of rubbish goes through all of it again
# and again, a quarter of a page's CPU.
gc.collect()
gc.freeze()
