"""Our side of the core claims API: everything that a lookup passes before and after HTTP.

A lookup walks down: `cache` (what a visitor gets, and when) asks a store; where nothing fresh
is kept, one of all who wait goes on through `client` (breaker and time budget) and `rooms` (threads
at the `gate`, whose `bound` says how many at once, with the line behind) to
`exchange` (one request and its reply) and `wire` (bytes).

Stores: `stores` (memory), `redis_store` with `sealed` (Redis, asked briefly), `tiered` (memory
before Redis); `redis_gate` is the gate of all processes. Small things used by all of them:
`keyring`, `errors`, `events`, `config`. `build` puts it together.
"""
