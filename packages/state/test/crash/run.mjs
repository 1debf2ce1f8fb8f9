// Runs a TypeScript module of this package in a process of its own, from source like every other test.
// Usage: node run.mjs MODULE ARGUMENT
import { createViteServer } from 'vitest/node';

const [, , module, argument] = process.argv;
const conditions = ['sower-source', 'node', 'module', 'import', 'default'];
const server = await createViteServer({
  configFile: false,
  logLevel: 'error',
  cacheDir: `${argument}/.vite`,
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  resolve: { conditions },
  ssr: { resolve: { conditions }, noExternal: [/^@sower\//] },
});
const { run } = await server.ssrLoadModule(module);
await run(argument);
