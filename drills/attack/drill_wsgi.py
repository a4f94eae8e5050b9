"""What gunicorn serves in a drill: the site with the hole that DRILL names, or without one.

DRILL_REDIS_SECONDS says how long this copy waits for Redis; without it, as production does.
"""

import os

from drills.attack.drills import drilled, wait_for_redis
from tracking_site.settings import Settings

if seconds := os.environ.get("DRILL_REDIS_SECONDS"):
    wait_for_redis(float(seconds))
application = drilled(Settings.from_env(os.environ), os.environ.get("DRILL", ""))
