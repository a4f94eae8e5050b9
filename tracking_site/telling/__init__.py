"""Outcomes put into words: for a page, a feed, a calendar and programs. Knows no Flask.

Each is a function of what was found, of a language and of addresses that are handed in.
"""
