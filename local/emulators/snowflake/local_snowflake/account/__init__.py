"""Objects of the account. Roles, users, warehouses and grants are recorded and shown; no privilege is
enforced."""
