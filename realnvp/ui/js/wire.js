// A message: its date, and the content with its arrays; see dated() and pack() in wire.py.
const TYPES = { i2: Int16Array, i4: Int32Array, f4: Float32Array, f8: Float64Array, u1: Uint8Array };
export function unpack(message) {
  const bytes = message.subarray(8);
  const date = new DataView(message.buffer, message.byteOffset).getFloat64(0, true);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  const arrays = bytes.slice(4 + length).buffer; // a copy, so that offsets are aligned
  const content = JSON.parse(text, (_, value) => {
    if (!Array.isArray(value?.array)) return value;
    const [type, offset, size, scale] = value.array;
    const stored = new TYPES[type](arrays, offset, size);
    return scale === 1 ? stored : Float32Array.from(stored, (v) => v * scale);
  });
  return { date, content };
}
