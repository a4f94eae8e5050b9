"""Sample participants, one for each situation worth seeing."""

from tracking_site.sandbox.samples import journeys

SAMPLES = (*journeys.PARTICIPANTS,)
