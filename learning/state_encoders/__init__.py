"""State encoders: what policies and critics see of a state, made by a network before theirs."""
