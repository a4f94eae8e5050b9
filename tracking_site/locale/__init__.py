"""What people read, by language, and the tools that keep the catalogues whole."""
