"""Click options and commands made from the config, the method table and the preset table."""
