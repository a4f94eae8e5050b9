"""Lacak Klaim: where a JHT claim stands, read over one core claims API."""
