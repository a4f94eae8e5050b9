"""What the site tells its operator of itself: a line for each request, counters, and no number."""
