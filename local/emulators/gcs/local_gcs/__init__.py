"""An emulator of Google Cloud Storage, with logins and conditions, and a bucket of reviews."""
