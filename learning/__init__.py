"""Multi-task reinforcement learning on garage: networks, mixtures, samplers, algorithms, records."""
