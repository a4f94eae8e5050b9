"""What the site is compared with; each `application` runs under the site's own gunicorn.conf.py."""
