"""MT-Levy: jumps of Levy-distributed duration."""
