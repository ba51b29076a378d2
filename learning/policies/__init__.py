"""The behaviour axis: policies of all tasks at once, and the mixtures that act with them."""
