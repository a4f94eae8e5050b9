"""Mixed traffic and the faults that it has to live through (bench/chaos.py)."""
