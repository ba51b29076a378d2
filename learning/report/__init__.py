"""A page about runs: one HTML file that needs no network."""
