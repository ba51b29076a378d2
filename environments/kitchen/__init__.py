"""The Franka kitchen tasks of the QMP paper (docs/environments/kitchen.md)."""
