"""It needs what is not there."""
