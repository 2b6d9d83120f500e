"""A multi-layer perceptron built of layers."""
