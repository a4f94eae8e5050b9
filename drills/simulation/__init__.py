"""A modelled day of honest people, the attackers, and the real guard under a virtual clock."""
