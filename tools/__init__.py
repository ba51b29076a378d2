"""What developers run by hand: results as tables and pictures, generated documentation, checks."""
