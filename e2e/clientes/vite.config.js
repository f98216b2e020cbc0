import { transformAsync } from "@babel/core";
import { defineConfig } from "vite";

/** Relay's own Babel plugin puts the compiled artifact in the place of each graphql`…`. */
const relay = {
  name: "relay",
  enforce: "pre",
  transform: (codigo, id) =>
    id.endsWith("relay.js")
      ? transformAsync(codigo, { filename: id, plugins: [["relay", { eagerEsModules: true }]], sourceMaps: true })
      : null,
};

export default defineConfig(({ isSsrBuild }) => ({
  plugins: [relay],
  ssr: { noExternal: true, external: ["happy-dom"] },
  build: { outDir: isSsrBuild ? "dist/node" : "dist/pagina", target: "es2022", minify: false },
}));
