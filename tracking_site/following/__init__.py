"""Following a claim without an account: private addresses, what changed, and since when."""
