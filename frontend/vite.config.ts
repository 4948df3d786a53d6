import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

/** The manifest is read by django-vite; addresses in it are relative to `base`. */
export default defineConfig({
  root,
  base: "/static/build/",
  publicDir: false,
  plugins: [tailwindcss()],
  server: { origin: "http://127.0.0.1:5173" },
  build: {
    outDir: fileURLToPath(new URL("../static/build", import.meta.url)),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // Inlined assets would need `data:` in the Content-Security-Policy of every page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["src/portal.ts", "src/viewer/main.ts", "src/flow-map/main.ts"] },
  },
  test: {
    environment: "happy-dom",
    // One document for all files: making it anew for each took four fifths of the time.
    isolate: false,
    include: ["src/**/*.test.ts"],
    // How long one takes says nothing about the code: checks and other tests share two cores with it.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    unstubGlobals: true,
  },
});
