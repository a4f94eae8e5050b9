"""A followed claim for programs: news as a feed, days as a calendar, all of it as JSON.

Each writer is a function of what the page is told (`Told`), its words and its addresses.
"""
