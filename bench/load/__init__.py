"""What a request to the site costs, beside peers on the same gunicorn (bench/site.py)."""
