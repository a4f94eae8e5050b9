"""How gunicorn runs the site; values come from the same settings as everything else."""

import os
import sys
from pathlib import Path

from tracking_site.settings import Settings, SettingsError

try:
    settings = Settings.from_env(os.environ)
except SettingsError as error:
    sys.exit("The site cannot start:\n" + str(error))

bind = f"{settings.bind}:{settings.port}"
workers = settings.web_concurrency
worker_class = "gthread"
threads = settings.web_threads
http_parser = "python"
control_socket_disable = True
max_requests = 20_000
max_requests_jitter = 2_000
graceful_timeout = 15
keepalive = 5
backlog = 2048
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
limit_request_line = 2048
limit_request_fields = 50
accesslog = None
loglevel = "warning"
