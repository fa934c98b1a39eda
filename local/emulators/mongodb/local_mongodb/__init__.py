"""FerretDB on one machine: a server that speaks MongoDB's protocol, by TLS only."""
