"""Samplers: environments stepped together, and garage samplers over them."""
