"""What gunicorn serves in a drill: the site with the hole that DRILL names."""

import os

from drills.attack.drills import drilled
from tracking_site.settings import Settings

application = drilled(Settings.from_env(os.environ), os.environ["DRILL"])
