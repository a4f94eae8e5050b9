"""What gunicorn serves: `gunicorn wsgi:application`."""

import os
import sys

from tracking_site.app import create_app
from tracking_site.observing.logs import configure_logs
from tracking_site.settings import Settings, SettingsError
from tracking_site.web.templates import load_templates

try:
    settings = Settings.from_env(os.environ)
    lines = configure_logs(settings.log_level)
    application = create_app(settings)
    load_templates(application)
    application.extensions["static_files"].pack()
except SettingsError as error:
    sys.exit("The site cannot start:\n" + str(error))

lines.on_lost = application.extensions["metrics"].line_lost
