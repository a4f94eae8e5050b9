"""How gunicorn runs the site; values come from the same settings as everything else."""

import atexit
import ctypes
import gc
import os
import resource
import shutil
import socket
import struct
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

from tracking_site.settings import Settings, SettingsError

for _closed in range(3):
    # Where the output is closed at the start, the next file that is opened would take its number,
    # and lines of the log would be written into that.
    try:
        os.fstat(_closed)
    except OSError:
        os.open(os.devnull, os.O_RDWR)

try:
    settings = Settings.from_env(os.environ)
except SettingsError as error:
    sys.exit("The site cannot start:\n" + str(error))

MEMORY = Path("/dev/shm")  # noqa: S108
MIN_MEMORY = 16 << 20  # The guard's file without Redis takes most of it.
_has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MIN_MEMORY
_in_memory = str(MEMORY) if _has_room and os.access(MEMORY, os.W_OK) else None

# Before the library is loaded: it decides then where its values live.
_given = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
_prefix = f"tracking-metrics-{os.getpid()}-"
_metrics = Path(_given or tempfile.mkdtemp(prefix=_prefix, dir=_in_memory))
_metrics.mkdir(parents=True, exist_ok=True)
for left in _metrics.glob("*.db"):
    left.unlink()
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics)
_master = os.getpid()

# Without Redis the guard's ledger lives in the one worker; what it knew of networks stays here
# when that is killed. Readable by this user alone, and made before the site is loaded.
_kept: Path | None = None
if settings.redis_url is None and settings.guard_file is None and _in_memory is not None:
    _descriptor, _name = tempfile.mkstemp(prefix=f"tracking-guard-{_master}-", dir=_in_memory)
    os.close(_descriptor)
    _kept = Path(_name)
    os.environ["GUARD_FILE"] = _name


@atexit.register
def _leave_nothing() -> None:
    if os.getpid() != _master:
        return
    if not _given:
        shutil.rmtree(_metrics, ignore_errors=True)
    if _kept is not None:
        _kept.unlink(missing_ok=True)


from gunicorn import util  # noqa: E402
from prometheus_client.multiprocess import mark_process_dead  # noqa: E402

from tracking_site.observing.figures import count_as  # noqa: E402
from tracking_site.observing.logs import JsonLogger  # noqa: E402
from tracking_site.web.closing import Closing  # noqa: E402
from tracking_site.web.replacing import begin_before_the_end  # noqa: E402
from tracking_site.web.unread import write_error  # noqa: E402
from tracking_site.web.whole_requests import WholeRequests  # noqa: E402

# Its own page quotes what was sent, and says nothing of what to do.
util.write_error = write_error
# Its own waits for the client, in the thread that takes everybody's connections.
util.close_graceful = Closing().close

bind = f"{settings.bind}:{settings.port}"
workers = settings.web_concurrency
worker_class = "tracking_site.web.whole_requests.WholeRequests"
threads = settings.web_threads
# Threads would each begin a heap of their own, up to eight for a processor core, of which most
# stays empty; only one thread runs at a time. glibc alone has this switch: mallopt(3), M_ARENA_MAX.
if hasattr(ctypes.CDLL(None), "gnu_get_libc_version"):
    ctypes.CDLL(None).mallopt(-8, 2)
# One thread takes all connections, and has to wait so long for each busy one before it: with
# Python's 5 ms a full process took 2.6 to 4.8 s to show the form, with this 0.3 s.
sys.setswitchinterval(0.001)
# Connections, not threads: most of them are idle between two questions.
worker_connections = 4096
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_files = (
    2 * worker_connections
    if _hard == resource.RLIM_INFINITY
    else min(2 * worker_connections, _hard)
)
if 0 <= _soft < _files:
    resource.setrlimit(resource.RLIMIT_NOFILE, (_files, _hard))
backlog = 2048
# Longer than what is in front keeps one idle (nginx 60 s, Traefik 90, Caddy 120, Google 600): else
# a question crosses with the close, and of a form that is a 502, since a proxy may not send it
# twice. An idle one takes 3 kB. A proxy keeps few; of browsers each has one, and asks again itself.
keepalive = 620 if settings.trusted_proxies else 5

# Loaded once and forked: a worker is there in a moment, and shares the memory of the code.
preload_app = True
worker_tmp_dir = _in_memory

# What is under way when a worker stops may last as long as the core's time budget.
graceful_timeout = int(settings.core_total_seconds) + 10
# Without Redis the guard's ledger lives in the worker: replacing it, which anybody can bring about
# with cheap requests, would give every budget of the day back. Seldom where there is: two at a time
# take more memory, and a full process has served 20,000 within two minutes.
max_requests = 200_000 if settings.redis_url else 0
max_requests_jitter = 40_000

http_parser = "python"
limit_request_line = 2048
limit_request_fields = 50
# Cookies of the domain above come with every request, up to 16 kB of them; nobody here reads them.
limit_request_field_size = 20_480
# Only TRUSTED_PROXIES says whom to believe about the client; the scheme is nobody's business.
forwarded_allow_ips = ""
control_socket_disable = True

accesslog = None
loglevel = settings.log_level
logger_class = JsonLogger


def on_starting(server: Any) -> None:
    """Refuse what the settings could not know: processes asked for on the command line."""
    if server.cfg.workers > 1 and settings.redis_url is None:
        sys.exit(
            "The site cannot start:\nMore than one process needs REDIS_URL: without a shared "
            "store every process would count for itself. Set REDIS_URL, or use one worker."
        )

    if server.cfg.is_ssl:
        sys.exit("The site cannot start:\nTLS ends at the proxy in front; leave out --certfile.")

    if settings.redis_url is None and not os.environ.get("GUARD_FILE"):
        server.log.warning("no memory to keep the guard's rows in; a killed worker forgets them")


def post_worker_init(worker: Any) -> None:
    """Let the site see how many requests wait that no thread has begun: who floods is shed by
    that. The kernel alone knows those that wait for any process, the worker those that are its.
    And let the worker know what lies ready."""
    extensions = getattr(worker.wsgi, "extensions", {})
    if isinstance(worker, WholeRequests):
        worker.has_ready(extensions.get("ready_paths", ()))
    floods = extensions.get("floods")
    if floods is None or not hasattr(socket, "TCP_INFO"):
        return

    def waiting() -> int:
        of_all = sum(map(_waiting, worker.sockets))
        return of_all + worker.cfg.workers * int(getattr(worker, "unbegun", 0))

    floods.watch(waiting, worker.cfg.workers)


def _waiting(listener: Any) -> int:
    try:
        # tcpi_unacked, which of a listening socket is the length of its queue.
        found = listener.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 28)
    except (AttributeError, OSError):
        # A worker that stops closed it in this moment or before, and answers on.
        return 0
    return struct.unpack_from("=I", found, 24)[0]


def nworkers_changed(server: Any, new: int, old: int | None) -> None:
    """Keep to one process without Redis, whatever signal asks for more."""
    if old is not None and new > 1 and settings.redis_url is None:
        server.log.warning("more than one process needs REDIS_URL; staying with one")
        server.num_workers = 1


def pre_request(worker: Any, request: Any) -> None:
    """Say nothing of a request: gunicorn would write its address at the level debug."""


def when_ready(server: Any) -> None:
    """Leave what was loaded out of garbage collection, so that its pages stay shared.

    And let SIGHUP exchange the processes alone: this file read anew would end the site where
    something that a setting names is gone or wrong by now, and empty the figures.

    And let SIGUSR2 begin no second site beside this one without Redis: it would count for itself,
    and the day's budgets with it would begin anew.
    """
    begin_before_the_end(server)
    server.app.reload = lambda: server.log.info(
        "processes are exchanged; settings and code are read at the start alone"
    )
    if settings.redis_url is None:
        server.reexec = lambda: server.log.warning(
            "a second site beside this one needs REDIS_URL; restart instead"
        )
    gc.collect()
    gc.freeze()


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the first name that no living one has: it counts on where that one ended."""
    taken = {each.counts_as for each in server.WORKERS.values()}
    names = (f"{_master}-{place}" for place in count())
    worker.counts_as = next(name for name in names if name not in taken)


def post_fork(server: Any, worker: Any) -> None:
    count_as(worker.counts_as)


def child_exit(server: Any, worker: Any) -> None:
    """Leave out what was so of a worker while it lived."""
    mark_process_dead(worker.counts_as, str(_metrics))
