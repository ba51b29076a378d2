"""The experiment's config: options resolved from methods, presets and what the user gives."""
