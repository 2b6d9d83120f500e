class Net:
    names = ("w0", "w1", "w2", "ws")

    @staticmethod
    def relu(z):
        return z if z > 0 else 0.0

    @staticmethod
    def forward(x, w0, w1, w2, ws):
        z0 = w0 * x
        h0 = Net.relu(z0)
        z1 = w1 * h0
        h1 = Net.relu(z1)
        z2 = ws * h0 + w2 * h1
        return dict(z0=z0, h0=h0, z1=z1, h1=h1, z2=z2, y_hat=z2)

    @staticmethod
    def loss(y_hat, y):
        return abs(y_hat - y)

    @staticmethod
    def backward(x, y, w0, w1, w2, ws):
        f = Net.forward(x, w0, w1, w2, ws)
        up = 1 if f["y_hat"] > y else -1
        to_z1 = up * w2 if f["z1"] > 0 else 0
        to_h0 = up * ws + to_z1 * w1
        to_z0 = to_h0 if f["z0"] > 0 else 0
        return dict(w0=to_z0 * x, w1=to_z1 * f["h0"], w2=up * f["h1"], ws=up * f["h0"],
                    y_hat=up, z2=up, h1=up * w2, z1=to_z1, h0=to_h0, z0=to_z0)

    @classmethod
    def update(cls, weights, gradients, lr):
        return {n: weights[n] - lr * gradients[n] for n in cls.names}


forward = Net.forward
loss = Net.loss
backward = Net.backward
update = Net.update
