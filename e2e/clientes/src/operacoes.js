/** The text of each operation of the story, by its name, with the comments left out. */
import texto from "../operacoes.graphql?raw";

export const OPERACOES = Object.fromEntries(
  texto
    .replace(/^#.*$/gm, "")
    .split(/^(?=query |mutation )/m)
    .filter((parte) => parte.trim())
    .map((parte) => [/^\w+ (\w+)/.exec(parte)[1], parte.trim()]),
);
