import numpy as np

relu = lambda t: (t > 0) * t

def forward(x, w0, w1, w2, ws):
    z0 = w0*x; h0 = relu(z0)
    z1 = w1*h0; h1 = relu(z1)
    z2 = ws*h0 + w2*h1
    y_hat = z2
    return z0, h0, z1, h1, z2, y_hat

def loss(y_hat, y):
    return np.abs(y_hat - y)

def backward(x, y, w0, w1, w2, ws):
    z0 = w0*x; h0 = relu(z0); z1 = w1*h0; h1 = relu(z1)
    p = w2*h1 + ws*h0
    d = np.sign(p - y)               # dL/dy_hat = dL/dz2
    d_ws = d*h0
    d_w2 = d*h1
    d_z1 = d*w2*(z1 > 0)
    d_w1 = d_z1*h0
    d_z0 = (d*ws + d_z1*w1)*(z0 > 0)  # two arrows leave h0
    d_w0 = d_z0*x
    return d_w0, d_w1, d_w2, d_ws

def update(weights, gradients, lr):
    return tuple(weights[k] - lr*gradients[k] for k in ["w0", "w1", "w2", "ws"])

print "done"
