"""Fetches the reviews of one service into the raw bucket."""
