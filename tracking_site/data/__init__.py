"""Facts with their source and date, as data; readers give them to whoever is built with them."""
