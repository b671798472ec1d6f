// The network, beside the page, which stays usable while it paints.
import * as ort from "./ort/ort.wasm.bundle.min.mjs";

ort.env.wasm.wasmPaths = { wasm: new URL("./ort/ort-wasm-simd-threaded.wasm", import.meta.url).href };
// More threads need headers of the server's that isolate the page.
ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(8, navigator.hardwareConcurrency) : 1;
let session;

async function load() {
  session = await ort.InferenceSession.create(new URL("./painter.onnx", import.meta.url).href);
}

async function paint(given) {
  const tensors = Object.entries(given).map(([name, { type, data, shape }]) => [name, new ort.Tensor(type, data, shape)]);
  const { painting } = await session.run(Object.fromEntries(tensors));
  const [, height, width] = painting.dims;
  return { bytes: painting.data, width, height };
}

self.onmessage = async ({ data }) => {
  try {
    const answer = data.given ? await paint(data.given) : await load();
    self.postMessage({ answer }, answer ? [answer.bytes.buffer] : []);
  } catch (problem) {
    self.postMessage({ problem: String(problem.message ?? problem) });
  }
};
