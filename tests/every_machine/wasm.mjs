// Runs the program, built for wasm32-unknown-unknown, under node: node wasm.mjs every-machine.wasm
import { readFileSync } from 'node:fs';

const write = (text, length) => process.stdout.write(Buffer.from(instance.exports.memory.buffer, text, length));
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), { env: { write } });
instance.exports.main(0, 0);
