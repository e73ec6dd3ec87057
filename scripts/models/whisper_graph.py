"""Writes ONNX graphs node by node: the few pieces a Whisper encoder and decoder are made of, with 8-bit weights."""
import numpy as np
import onnx
from onnx import helper, numpy_helper

MS = "com.microsoft"  # onnxruntime's own kernels


class Graph:
    def __init__(self, bits):
        self.nodes, self.constants, self.count = [], {}, 0
        # 7-bit weights leave room for the sums of processors without VNNI; they cost about one point of accuracy.
        self.top = 127 if bits == 8 else 63

    def const(self, array, name):
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def ints(self, *values):
        return self.const(np.array(values, np.int64), "i64_" + "_".join(str(v).replace("-", "m") for v in values))

    def real(self, value):
        return self.const(np.array(value, np.float32), "f32_" + str(value).replace("-", "m").replace(".", "p"))

    def op(self, kind, *inputs, n=1, out=None, domain="", **attributes):
        """Adds a node and names its results."""
        outs = [out] if out else [f"t{self.count + k}" for k in range(n)]
        self.count += n
        self.nodes.append(helper.make_node(kind, list(inputs), outs, domain=domain, **attributes))
        return outs[0] if len(outs) == 1 else outs

    def quantised(self, weights):
        """[out, in] -> signed 8-bit [in, out], symmetric for each output, with its scales."""
        scale = np.maximum(np.abs(weights).max(1), 1e-9) / self.top
        q = np.clip(np.rint(weights / scale[:, None]), -self.top, self.top).astype(np.int8)
        return np.ascontiguousarray(q.T), scale.astype(np.float32)

    def linear(self, x, weights, bias, name):
        q, scale = self.quantised(weights)
        inputs = [x, self.const(q, name + ".q"), self.const(scale, name + ".s"), ""]
        if bias is not None:
            inputs.append(self.const(bias, name + ".b"))
        return self.op("DynamicQuantizeMatMul", *inputs, domain=MS)

    def norm(self, x, w, p):
        return self.op("LayerNormalization", x, self.const(w[p + "/gamma"], p + "/g"), self.const(w[p + "/beta"], p + "/b"),
                       axis=-1, epsilon=1e-5)

    def gelu(self, x):
        e = self.op("Erf", self.op("Div", x, self.real(float(np.sqrt(2.0)))))
        return self.op("Mul", self.op("Mul", x, self.op("Add", e, self.real(1.0))), self.real(0.5))

    def feed_forward(self, x, w, p):
        h = self.norm(x, w, p + "/ffn/layer_norm")
        h = self.gelu(self.linear(h, w[p + "/ffn/linear_0/weight"], w[p + "/ffn/linear_0/bias"], p + "f0"))
        return self.op("Add", x, self.linear(h, w[p + "/ffn/linear_1/weight"], w[p + "/ffn/linear_1/bias"], p + "f1"))

    def heads(self, x, h):
        """[N, T, h*d] -> [N, h, T, d]"""
        return self.op("Transpose", self.op("Reshape", x, self.ints(0, 0, h, -1)), perm=[0, 2, 1, 3])

    def attend(self, q, k_turned, v, mask=None):
        """q [N,h,t,d], k_turned [N,h,d,T], v [N,h,T,d] -> [N, t, h*d]"""
        s = self.op("MatMul", q, k_turned)
        if mask:
            s = self.op("Add", s, mask)
        o = self.op("MatMul", self.op("Softmax", s, axis=-1), v)
        return self.op("Reshape", self.op("Transpose", o, perm=[0, 2, 1, 3]), self.ints(0, 0, -1))

    def save(self, path, inputs, outputs, facts):
        info = helper.make_tensor_value_info
        graph = helper.make_graph(self.nodes, "whisper", [info(*i) for i in inputs], [info(*o) for o in outputs],
                                  list(self.constants.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(MS, 1)], ir_version=8,
                                  producer_name="make_whisper")
        for key, value in facts.items():
            entry = model.metadata_props.add()
            entry.key, entry.value = key, str(value)
        onnx.save(model, path)
