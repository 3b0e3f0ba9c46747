"""Find an interpreter, start a worker in it, and send it requests."""
