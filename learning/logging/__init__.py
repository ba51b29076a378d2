"""The record of a run: its folder, its tables, its progress on the terminal."""
