"""A small library of neural network modules; samples stand in rows."""
