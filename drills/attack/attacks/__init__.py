"""The attacks, each a function from a `Scene` to a `Finding`."""
