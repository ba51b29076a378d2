"""What is built around the algorithm: learner, trainer, set-up."""
