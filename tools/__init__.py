"""What writes files of the package anew, by hand; the site itself never runs it."""
