"""Mixed traffic and the faults that it has to live through (drills/chaos.py)."""
