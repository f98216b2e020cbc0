import { defineConfig } from "vite";
import { outroGraphiql } from "./graphiql";

// The page's files are served under /graphiql/; the page itself, by GET /graphql in a browser.
export default defineConfig({
  base: "/graphiql/",
  plugins: [outroGraphiql()],
  worker: { format: "es" },
  build: { target: "es2022", chunkSizeWarningLimit: 8_000 },
});
