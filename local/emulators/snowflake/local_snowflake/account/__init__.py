"""Objects of the account. Roles, users, warehouses and grants are recorded and shown; no privilege but
those to read an external table is enforced."""
