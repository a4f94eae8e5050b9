"""Sample participants, one for each situation worth seeing."""

from tracking_site.sandbox.samples import decisions, moving, oddities, services, several, turns

SAMPLES = (
    *moving.PARTICIPANTS,
    *turns.PARTICIPANTS,
    *decisions.PARTICIPANTS,
    *several.PARTICIPANTS,
    *services.PARTICIPANTS,
    *oddities.PARTICIPANTS,
)
