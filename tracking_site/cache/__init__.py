"""Answers of the core, kept: the same `claims_of`, and a core that hardly feels the page.

`answers` says what a visitor gets, and when, over a store: `stores` (memory), `redis_store` with
`copies` (Redis, asked briefly), `tiered` (memory before Redis). `claims` puts it together, over
the client of `claims_api`, and answers for single cards of a person.
"""
