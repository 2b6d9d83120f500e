"""Gradients and the update; the forward pass is in net.py."""
import net


def slope(z):
    return 1.0 if z > 0 else 0.0


def backward(x, y, w0, w1, w2, ws):
    n = net.forward(x, w0, w1, w2, ws)
    g_z2 = 1.0 if n["y_hat"] > y else -1.0
    g_z1 = g_z2 * w2 * slope(n["z1"])
    g_z0 = (g_z2 * ws + g_z1 * w1) * slope(n["z0"])
    return {"w0": g_z0 * x, "w1": g_z1 * n["h0"], "w2": g_z2 * n["h1"], "ws": g_z2 * n["h0"]}


def update(weights, gradients, lr):
    return {k: weights[k] - lr * gradients[k] for k in weights}
