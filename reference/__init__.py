"""What is right: operations, networks and their gradients. NumPy only; knows nothing of grading."""
