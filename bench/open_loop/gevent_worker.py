"""The site's own gunicorn.conf.py with gevent's worker, to compare the two.

gevent is no dependency: install it where the benchmark runs. Everything is patched before the
application is loaded, because it is loaded once and forked.
"""

from pathlib import Path

from gevent import monkey

monkey.patch_all()

_OWN = Path(__file__).parents[2] / "gunicorn.conf.py"
exec(compile(_OWN.read_text(encoding="utf-8"), _OWN, "exec"))
worker_class = "gevent"
