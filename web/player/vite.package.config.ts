import { defineConfig } from 'vite';

// @sealcast/player as one module: in sdk/dist for bundlers, and with the scripts for pages without one (`--mode served`).
export default defineConfig(({ mode }) => ({
  publicDir: false,
  build: {
    outDir: mode === 'served' ? '../../api/static/player/v2' : 'sdk/dist',
    emptyOutDir: false,
    target: 'es2022',
    lib: { entry: 'sdk/src/index.ts', formats: ['es'], fileName: () => 'sealcast-player.js' },
  },
}));
