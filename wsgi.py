"""What gunicorn serves: `gunicorn wsgi:application`."""

import os
import sys

from tracking_site.app import create_app
from tracking_site.settings import Settings, SettingsError

try:
    application = create_app(Settings.from_env(os.environ))
except SettingsError as error:
    sys.exit("The site cannot start:\n" + str(error))
