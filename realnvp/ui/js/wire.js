// The message's arrays, see pack() in live_figure.py.
const TYPES = { i2: Int16Array, i4: Int32Array, f4: Float32Array, f8: Float64Array, u1: Uint8Array };
export function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  const arrays = bytes.slice(4 + length).buffer; // a copy, so that offsets are aligned
  return JSON.parse(text, (_, value) => {
    if (!Array.isArray(value?.array)) return value;
    const [type, offset, size, scale] = value.array;
    const stored = new TYPES[type](arrays, offset, size);
    return scale === 1 ? stored : Float32Array.from(stored, (v) => v * scale);
  });
}
