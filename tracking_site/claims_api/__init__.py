"""Our side of the core claims API: everything that a lookup passes before and after HTTP."""
