"""Image files as the newsroom receives them."""
