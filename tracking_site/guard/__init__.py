"""Makes enumeration pointless without turning people away.

A lookup is weighed before the core is asked: how many distinct numbers did this network ask for
today, and how many of them found nothing. The answer is one of ok, repeat, challenge and refuse.
Nothing here knows Flask, the core, or what a claim is; addresses, clock, secrets and randomness
come in as arguments.
"""
