"""The one way to Redis, for cache, guard, limits and followed claims."""
