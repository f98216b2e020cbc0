/**
 * GraphiQL speaks English and has no setting for another language; and its tabs hold buttons, which a screen reader can't
 * reach inside a tab. Both are changed while the page is built: of each of its files, what stands there and what stands
 * there instead. The versions are fixed, and a build that doesn't find a text stops and names it.
 */
import type { Plugin } from "vite";

const DOCUMENTACAO = "@graphiql/plugin-doc-explorer/dist/";
const HISTORICO = "@graphiql/plugin-history/dist/";
const MUDANCAS: Record<string, [string, string][]> = {
  "graphiql/dist/GraphiQL.js": [
    ['newTab: "New tab"', 'newTab: "Nova aba"'],
    ['`${editorToolsHiddenElement === "second" ? "Show" : "Hide"} editor tools`', '`${editorToolsHiddenElement === "second" ? "Mostrar" : "Esconder"} as variáveis`'],
    ['"aria-label": "Editor Commands"', '"aria-label": "Comandos do editor"'],
    ['"aria-label": "Operation Editor"', '"aria-label": "Editor da operação"'],
    ['children: "Variables"', 'children: "Variáveis"'],
    ['? "Variables" : "Headers"', '? "Variáveis" : "Cabeçalhos"'],
    ['"aria-label": "Select active operation"', '"aria-label": "As operações abertas"'],
    ['"aria-controls": "graphiql-session", id', '"aria-current": index_1 === activeTabIndex, "aria-controls": "graphiql-session", id'],
    ['role: "tabpanel"', 'role: "region"'],
  ],
  "graphiql/dist/ui/sidebar.js": [
    ["Re-fetch GraphQL schema (", "Buscar o schema de novo ("],
    ["Open short keys dialog", "Abrir os atalhos do teclado"],
    ["Open settings dialog", "Abrir as preferências"],
    ['"Hide" : "Show"', '"Esconder" : "Mostrar"'],
    ['children: "Short Keys"', 'children: "Atalhos do teclado"'],
    ["This modal provides a list of available keyboard shortcuts and their functions.", "Os atalhos do teclado e o que cada um faz."],
    ['children: "Settings"', 'children: "Preferências"'],
    ["This modal lets you adjust header persistence, interface theme, and clear local storage.", "O tema da página e o que ela guarda."],
    ['children: "Theme"', 'children: "Tema"'],
    ["Adjust how the interface appears.", "A aparência da página."],
    ['children: "System"', 'children: "Do sistema"'],
    ['children: "Light"', 'children: "Claro"'],
    ['children: "Dark"', 'children: "Escuro"'],
    ['children: "Clear storage"', 'children: "O que a página guarda"'],
    ["Remove all locally stored data and start fresh.", "Apagar as abas e o histórico."],
    ['success: "Cleared data"', 'success: "Apagado"'],
    ['error: "Failed"', 'error: "Não deu certo"'],
    ['"Clear data"', '"Apagar"'],
  ],
  "graphiql/dist/ui/short-keys.js": [
    ['"Execute query"', '"Rodar a operação"'],
    ['"Open the Command Palette (you must have focus in the editor)"', '"Abrir a lista de comandos (com o foco no editor)"'],
    ['"Prettify editors"', '"Arrumar o texto"'],
    ['"Copy query"', '"Copiar a operação"'],
    ['"Re-fetch schema using introspection"', '"Buscar o schema de novo"'],
    ['"Search in documentation"', '"Procurar na documentação"'],
    ['"Search in editor"', '"Procurar no editor"'],
    ['"Merge fragments definitions into operation definition"', '"Juntar os fragmentos à operação"'],
    ['children: "Short Key"', 'children: "Atalho"'],
    ['children: "Function"', 'children: "O que faz"'],
    ['children: "Monaco editor shortcuts"', 'children: "atalhos do editor Monaco"'],
    ['"This Graph"', '"O editor Graph"'],
    ['"QL editor uses"', '"QL usa os"'],
    [", with keybindings similar to VS Code. See the full list of shortcuts for", ", parecidos com os do VS Code. A lista inteira, para"],
    ['"or"', '"ou"'],
  ],
  "graphiql/dist/ui/toolbar.js": [
    ["Prettify query (", "Arrumar o texto ("],
    ["Merge fragments into query (", "Juntar os fragmentos à operação ("],
    ["Copy query (", "Copiar a operação ("],
  ],
  "@graphiql/react/dist/constants.js": [
    ['"Prettify Editors"', '"Arrumar o texto"'],
    ['"Merge Fragments into Query"', '"Juntar os fragmentos à operação"'],
    ['"Run Operation"', '"Rodar a operação"'],
    ['"Copy Query"', '"Copiar a operação"'],
    // A comment in the dark theme, too pale to be read; the same token is another's in the light one.
    ['foreground: "#908aff"', 'foreground: "#908aff" }, { token: "comment", foreground: "#8fb67c"'],
  ],
  "@graphiql/react/dist/components/response-editor.js": [['"Result Window"', '"Resposta"']],
  "@graphiql/react/dist/components/dialog/index.js": [['"Close dialog"', '"Fechar"']],
  "@graphiql/react/dist/components/execute-button/index.js": [
    ['`${isRunning ? "Stop" : "Execute"} query (', '`${isRunning ? "Parar" : "Rodar"} a operação ('],
  ],
  "@graphiql/react/dist/components/tabs/index.js": [
    ['"Close Tab"', '"Fechar a aba"'],
    ['role: "tablist"', 'role: "list"'],
    ['"aria-selected": isActive,', ""],
    ['role: "tab",', ""],
  ],
  "@graphiql/react/dist/stores/execution.js": [
    ["Automatically added leaf fields", "Campos acrescentados: um objeto pede os seus"],
    ["Request not sent. ", "O pedido não foi enviado. "],
    ['"Variables" : "Request headers"', '"Variáveis:" : "Cabeçalhos:"'],
  ],
  [`${HISTORICO}index.js`]: [['title: "History"', 'title: "o histórico"']],
  [`${HISTORICO}components.js`]: [
    ['"History"', '"Histórico"'],
    ['success: "Cleared"', 'success: "Apagado"'],
    ['error: "Failed to Clear"', 'error: "Não deu certo"'],
    ['|| "Clear"', '|| "Apagar"'],
    ['"Type a label"', '"Dê um nome"'],
    ['children: "Save"', 'children: "Guardar"'],
    ['"aria-label": "Set active"', '"aria-label": void 0'],
    ['"Set active"', '"Abrir"'],
    ['"Edit label"', '"Dar um nome"'],
    ['"Remove favorite" : "Add favorite"', '"Tirar dos favoritos" : "Pôr nos favoritos"'],
    ['"Delete from history"', '"Tirar do histórico"'],
  ],
  [`${DOCUMENTACAO}context.js`]: [
    ['title: "Documentation Explorer"', 'title: "a documentação"'],
    ['name: "Docs"', 'name: "Documentação"'],
    ["Show Documentation Explorer", "Mostrar a documentação"],
  ],
  [`${DOCUMENTACAO}components/doc-explorer.js`]: [
    ['"Error fetching schema"', '"O schema não veio"'],
    ['"Schema is invalid: "', '"O schema não vale: "'],
    ['"No GraphQL schema available"', '"Não há schema"'],
    ["Go back to ", "Voltar a "],
    ['"aria-label": "Documentation Explorer"', '"aria-label": "Documentação"'],
  ],
  [`${DOCUMENTACAO}components/search.js`]: [
    ["`Search ${navItem.name}...`", "`Procurar em ${navItem.name}…`"],
    ['"No results found"', '"Nada se achou"'],
    ['"Other results"', '"Em outros tipos"'],
  ],
  [`${DOCUMENTACAO}components/argument.js`]: [['children: "Deprecated"', 'children: "Obsoleto"']],
  [`${DOCUMENTACAO}components/deprecation-reason.js`]: [['children: "Deprecated"', 'children: "Obsoleto"']],
  [`${DOCUMENTACAO}components/field-documentation.js`]: [
    ['title: "Type"', 'title: "Tipo"'],
    ['title: "Arguments"', 'title: "Argumentos"'],
    ['title: "Deprecated Arguments"', 'title: "Argumentos obsoletos"'],
    ['"Show Deprecated Arguments"', '"Mostrar os argumentos obsoletos"'],
    ['title: "Directives"', 'title: "Diretivas"'],
  ],
  [`${DOCUMENTACAO}components/schema-documentation.js`]: [
    ['"Root Types"', '"Por onde se começa"'],
    ['"All Schema Types"', '"Todos os tipos"'],
  ],
  [`${DOCUMENTACAO}components/type-documentation.js`]: [
    ['title: "Implements"', 'title: "É também"'],
    ['title: "Fields"', 'title: "Campos"'],
    ['title: "Deprecated Fields"', 'title: "Campos obsoletos"'],
    ['"Show Deprecated Fields"', '"Mostrar os campos obsoletos"'],
    ['title: "Enum Values"', 'title: "Valores"'],
    ['title: "Deprecated Enum Values"', 'title: "Valores obsoletos"'],
    ['"Show Deprecated Values"', '"Mostrar os valores obsoletos"'],
    ['"Implementations" : "Possible Types"', '"Quem é" : "Tipos possíveis"'],
  ],
  [`${DOCUMENTACAO}components/section.js`]: [
    ["  Arguments: ", '  "Argumentos": '],
    ['"Deprecated Arguments"', '"Argumentos obsoletos"'],
    ['"Deprecated Enum Values"', '"Valores obsoletos"'],
    ['"Deprecated Fields"', '"Campos obsoletos"'],
    ["  Directives: ", '  "Diretivas": '],
    ['"Enum Values"', '"Valores"'],
    ["  Fields: ", '  "Campos": '],
    ["  Implements: ", '  "É também": '],
    ["  Implementations: ", '  "Quem é": '],
    ['"Possible Types"', '"Tipos possíveis"'],
    ['"Root Types"', '"Por onde se começa"'],
    ["  Type: ", '  "Tipo": '],
    ['"All Schema Types"', '"Todos os tipos"'],
  ],
};

/** Change GraphiQL as the table says; stop the build where a text isn't found. */
export function outroGraphiql(): Plugin {
  const faltam = new Set(Object.keys(MUDANCAS));
  return {
    name: "outro-graphiql",
    apply: "build",
    transform(codigo, id) {
      const arquivo = Object.keys(MUDANCAS).find((um) => id.split("?")[0].endsWith(`/node_modules/${um}`));
      if (!arquivo) return null;
      faltam.delete(arquivo);
      let mudado = codigo;
      for (const [de, para] of MUDANCAS[arquivo]) {
        if (!mudado.includes(de)) this.error(`graphiql.ts: ${arquivo} não diz mais ${de}`);
        mudado = mudado.replaceAll(de, para);
      }
      return { code: mudado, map: null };
    },
    buildEnd(falha) {
      if (!falha && faltam.size) this.error(`graphiql.ts: não há mais ${[...faltam].join(", ")}`);
    },
  };
}
