"""How this project reaches Ray, which is optional: its token, and its import."""
