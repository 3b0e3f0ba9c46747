"""What a framework does: the rates, states and errors of a tree of its classes, predicted."""
