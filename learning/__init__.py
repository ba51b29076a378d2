"""Multi-task learning on garage: networks, mixtures, samplers, algorithms, records."""
