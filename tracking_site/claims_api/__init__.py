"""Our side of the core claims API: everything that a lookup passes before and after HTTP.

A lookup that the cache has no answer for walks down: `client` (breaker and time budget) and
its `Rooms` (threads at the `gate`, whose `bound` says how many at once, with the line behind) to
`exchange` (one request and its reply) and `wire` (bytes); `redis_gate` is the gate of all
processes. Small things used by all of them: `errors`, `events`, `config`.
"""
