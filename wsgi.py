"""What gunicorn serves: `gunicorn wsgi:application`."""

import os

from tracking_site.app import create_app
from tracking_site.settings import Settings

application = create_app(Settings.from_env(os.environ))
