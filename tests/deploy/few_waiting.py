"""The site, of whose log few lines may wait to be written: `gunicorn tests.deploy.few_waiting`."""

from tracking_site.observing import logs

logs.MAX_WAITING = 50

from wsgi import application  # noqa: E402

__all__ = ["application"]
