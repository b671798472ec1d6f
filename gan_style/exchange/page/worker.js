// The network, beside the page, which stays usable while it paints.
import * as ort from "./ort/ort.wasm.bundle.min.mjs";

ort.env.wasm.wasmPaths = { wasm: new URL("./ort/ort-wasm-simd-threaded.wasm", import.meta.url).href };
// More threads need headers of the server's that isolate the page.
ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(8, navigator.hardwareConcurrency) : 1;
let session;

async function load() {
  session = await ort.InferenceSession.create(new URL("./painter.onnx", import.meta.url).href);
}

function tensor({ type, data, shape }) {
  const values = type === "int64" ? BigInt64Array.from(data, BigInt) : data;
  return new ort.Tensor(type, values, shape);
}

async function paint(given) {
  const feeds = Object.fromEntries(Object.entries(given).map(([name, one]) => [name, tensor(one)]));
  const painted = Object.values(await session.run(feeds))[0];
  const [, height, width] = painted.dims;
  return { bytes: painted.data, width, height };
}

self.onmessage = async ({ data }) => {
  try {
    const answer = data.given ? await paint(data.given) : await load();
    self.postMessage({ answer }, answer ? [answer.bytes.buffer] : []);
  } catch (problem) {
    self.postMessage({ problem: String(problem.message ?? problem) });
  }
};
