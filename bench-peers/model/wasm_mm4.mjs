// M/M/4 at 90 % on the simulated computer, in WebAssembly under Node: PACKAGE REQUESTS.
//
// Prints a name and a number a line, as every contestant does.

const [, , module, requests] = process.argv;
const { default: ours } = await import(module);
const start = process.cpuUsage();
const answered = ours.run(Number(requests));
console.log(`requests ${answered}`);
const { user, system } = process.cpuUsage(start);
console.log(`seconds ${(user + system) / 1e6}`);
