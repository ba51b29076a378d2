"""The Jaco multistage reacher of the QMP paper (docs/environments/jaco_reach.md)."""
