import { defineConfig } from 'vite';

// The API serves the result at /player/; its Content-Security-Policy allows no inline code,
// so nothing may be inlined here either (no data: assets, no module-preload polyfill).
export default defineConfig({
  base: '/player/',
  build: {
    outDir: '../../api/static/player',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // Shaka Player's licence asks that its notice stays with it.
    // Apart from ours, it stays in caches when only the page has changed.
    rolldownOptions: {
      output: { comments: { legal: true }, codeSplitting: { groups: [{ name: 'shaka', test: /shaka-player/ }] } },
    },
    // Shaka Player is half a megabyte by itself.
    chunkSizeWarningLimit: 800,
  },
});
