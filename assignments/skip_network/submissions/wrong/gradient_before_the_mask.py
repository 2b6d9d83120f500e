import numpy as np
def forward(x,w0,w1,w2,ws):
    z0=w0*x; h0=np.maximum(z0,0); z1=w1*h0; h1=np.maximum(z1,0); z2=ws*h0+w2*h1
    return np.array([z0,h0,z1,h1,z2,z2])
def loss(y_hat,y): return abs(y-y_hat)
def backward(x,y,w0,w1,w2,ws):
    z0,h0,z1,h1,z2,yh=forward(x,w0,w1,w2,ws)
    g=-np.sign(y-yh)
    dh1=g*w2
    dz1=dh1*(z1>0)
    dw1=dh1*h0
    dh0=g*ws+dz1*w1
    dz0=dh0*(z0>0)
    return {"dw0":dz0*x,"dw1":dw1,"dw2":g*h1,"dws":g*h0}
def update(weights,gradients,lr):
    return {k:weights[k]-lr*gradients[k] for k in weights}
