import { defineConfig } from 'vite';

// The scripts for pages that embed the player: classic ones, one file each (`--mode api`, `--mode player`).
export default defineConfig(({ mode }) => ({
  publicDir: false,
  build: {
    outDir: '../../api/static/player/v2',
    emptyOutDir: false,
    target: 'es2022',
    lib: { entry: `sdk/src/${mode}.ts`, formats: ['iife'], name: `sealcast_${mode}`, fileName: () => `${mode}.js` },
  },
}));
