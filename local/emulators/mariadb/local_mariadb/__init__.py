"""A real MariaDB on one machine, which takes connections by TLS only."""
