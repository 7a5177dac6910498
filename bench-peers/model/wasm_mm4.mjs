// M/M/4 at 90 % on the simulated computer, in WebAssembly under Node: PACKAGE REQUESTS.
//
// Prints a name and a number a line, as every contestant does.

const [, , module, requests] = process.argv;
const { default: ours } = await import(module);
const start = performance.now();
const answered = ours.run(Number(requests));
console.log(`requests ${answered}`);
console.log(`seconds ${(performance.now() - start) / 1000}`);
