"""Databases, schemas, tables and views: who owns them, and what SHOW and INFORMATION_SCHEMA list of them."""
