import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

const server = process.env.CALLSMITH_SERVER ?? 'http://127.0.0.1:8787'

export default defineConfig(({ mode }) => ({
  plugins: [svelte({ preprocess: vitePreprocess({ script: false }) })],
  // Test runs need Svelte's browser build, not the server one.
  resolve: mode === 'test' ? { conditions: ['browser'] } : undefined,
  server: { proxy: { '/api': { target: server, changeOrigin: false } } },
  build: {
    // Small files stay files: a data: address would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    sourcemap: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  test: { css: true, environment: 'happy-dom', include: ['src/**/*.test.ts'] },
}))
