"""The site and software that others make: other browsers, readers, servers (`make clients`)."""
