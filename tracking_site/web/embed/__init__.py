"""Frames on other sites, the partners that may show them, and what their editors copy."""
