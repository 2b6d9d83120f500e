import csv
import os

import matplotlib.pyplot as plt
import numpy as np

from .activations import Sigmoid
from .gradient_utilities import backward_pass, zero_grad
from .losses import CrossEntropyLoss
from .network import Linear, Sequential

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
with open(os.path.join(os.path.dirname(__file__), "..", "data", "xor.csv")) as f:
    y = np.array([int(row[2]) for row in csv.reader(f)])

losses = []
model = Sequential([Linear(2, 4), Sigmoid(), Linear(4, 2)])
loss_fn = CrossEntropyLoss()
zero_grad(model.parameters())
for step in range(100):
    losses.append(loss_fn(model(X), np.eye(2)[y]))
    backward_pass(model, loss_fn, 0.5)
    print(step, losses[-1])

plt.plot(losses)
plt.xlabel("step")
plt.savefig("losses.png")
plt.show()
