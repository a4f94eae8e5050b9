"""Visitors who arrive whatever the site does, and what each of them got (docs/performance.md)."""
