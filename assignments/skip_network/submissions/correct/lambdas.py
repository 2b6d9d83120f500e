r = lambda z: z * (z > 0)
H = lambda z: 1 * (z > 0)
s = lambda u: (u > 0) - (u < 0)
forward = lambda x, w0, w1, w2, ws: (lambda z0: (lambda z1: (z0, r(z0), z1, r(z1), ws * r(z0) + w2 * r(z1), ws * r(z0) + w2 * r(z1)))(w1 * r(z0)))(w0 * x)
loss = lambda p, y: abs(p - y)
error = lambda x, y, *w: s(forward(x, *w)[-1] - y)
backward = lambda x, y, w0, w1, w2, ws: (lambda e, f: {
    "w0": e * (ws + w2 * w1 * H(f[2])) * H(f[0]) * x,
    "w1": e * w2 * H(f[2]) * f[1],
    "w2": e * f[3],
    "ws": e * f[1],
})(error(x, y, w0, w1, w2, ws), forward(x, w0, w1, w2, ws))
update = lambda weights, gradients, lr: {k: weights[k] - lr * gradients[k] for k in weights}
step = lambda x, y, w0, w1, w2, ws, lr: update(dict(w0=w0, w1=w1, w2=w2, ws=ws), backward(x, y, w0, w1, w2, ws), lr)
