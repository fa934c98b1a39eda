"""Azurite, Microsoft's emulator of Azure Blob Storage, with a container of reviews."""
