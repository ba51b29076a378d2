"""The parameter axis: what the networks of the tasks hold in common."""
